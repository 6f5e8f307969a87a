package io.armory.agent.adapter.aws;

import static io.armory.agent.adapter.aws.TestNode.failure;
import static io.armory.agent.adapter.aws.TestNode.value;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.rig.MotoServer;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A topic, and a queue that is subscribed to it: what a subscriber really gets.
class SnsTopicIT {
  @AutoClose private static MotoServer aws;
  @AutoClose private AwsClients clients;
  private Optional<String> topic = Optional.empty();
  private String queue = "";

  @BeforeAll
  static void start() {
    TestNode.useTestCredentials();
    aws = new MotoServer();
  }

  @BeforeEach
  void fresh() {
    aws.reset();
    clients = new AwsClients(TestNode.options(aws.endpoint(), null));
    var arn =
        aws.boto("sns", "create_topic", Map.of("Name", "spinnaker")).path("TopicArn").asText();
    queue =
        aws.boto("sqs", "create_queue", Map.of("QueueName", "alerts")).path("QueueUrl").asText();
    aws.boto(
        "sns",
        "subscribe",
        Map.of(
            "TopicArn",
            arn,
            "Protocol",
            "sqs",
            "Endpoint",
            "arn:aws:sqs:us-east-1:123456789012:alerts"));
    topic = Optional.of(arn);
  }

  private SnsTopic sns() {
    return new SnsTopic(() -> Optional.of(clients), () -> topic, a -> a.what() + ": " + a.why());
  }

  private static Alert alert(String what) {
    return new Alert(
        Condition.HELD_BACK,
        false,
        what,
        "gate is down – 503",
        Instant.EPOCH,
        Instant.EPOCH,
        new Alert.Origin("i-1", "h", "s", "r", "1"));
  }

  private JsonNode received() throws IOException {
    var messages = aws.boto("sqs", "receive_message", Map.of("QueueUrl", queue)).path("Messages");
    assertThat(messages).hasSize(1);
    return new ObjectMapper().readTree(messages.get(0).path("Body").asText());
  }

  @Test
  void a_subscriber_gets_the_message_with_a_subject_and_what_to_filter_by() throws IOException {
    assertThat(value(sns().send(alert("revision r2 is held back")))).isNotEmpty();
    var got = received();
    assertThat(got.path("Message").asText())
        .isEqualTo("revision r2 is held back: gate is down – 503");
    assertThat(got.path("Subject").asText())
        .isEqualTo("armory-agent i-1: revision r2 is held back");
    assertThat(got.path("MessageAttributes").path("condition").path("Value").asText())
        .isEqualTo("held-back");
    assertThat(got.path("MessageAttributes").path("state").path("Value").asText())
        .isEqualTo("begun");
  }

  @Test
  void a_subject_is_cut_to_what_sns_takes() throws IOException {
    value(sns().send(alert("é\n".repeat(200))));
    assertThat(received().path("Subject").asText()).hasSize(100).endsWith("...").matches("[ -~]+");
  }

  @Test
  void what_cannot_be_published_is_a_failure_that_is_tried_again() {
    aws.fault("sns:Publish", "deny", 0, 99);
    var denied = failure(sns().send(alert("x")));
    assertThat(denied.kind()).isEqualTo(Kind.DENIED);
    assertThat(denied.message()).startsWith("sns:Publish arn:aws:sns:").contains("AccessDenied");
    aws.noFaults();
    topic = Optional.of("arn:aws:sns:us-east-1:123456789012:nosuch");
    assertThat(failure(sns().send(alert("x"))).kind()).isEqualTo(Kind.NOT_FOUND);
    topic = Optional.of("spinnaker");
    assertThat(failure(sns().send(alert("x"))).message()).contains("is not a standard topic");
    topic = Optional.of("arn:aws:sns:us-east-1:123456789012:spinnaker");
    var without = new SnsTopic(Optional::empty, () -> topic, Alert::what);
    assertThat(failure(without.send(alert("x"))).message()).contains("aws: on");
  }

  @Test
  void nobody_is_addressed_before_there_is_a_topic() {
    topic = Optional.empty();
    assertThat(sns().isAddressed()).isFalse();
    topic = Optional.of("arn:aws:sns:us-east-1:123456789012:spinnaker");
    assertThat(sns().isAddressed()).isTrue();
  }
}
