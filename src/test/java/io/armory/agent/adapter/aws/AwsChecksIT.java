package io.armory.agent.adapter.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.report.Check.Result;
import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.InterceptorContext;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.ssm.model.GetParametersByPathRequest;

/// Each fault of the stand-ins must come out as what to do about it.
class AwsChecksIT {
  private static final NodeIdentity NODE = TestNode.identity("preprod", Map.of());
  @AutoClose private static MotoServer aws;
  @AutoClose private static ImdsStandIn imds;

  @AutoClose private AwsClients clients;
  private AwsChecks checks;

  @BeforeAll
  static void start() {
    TestNode.useTestCredentials();
    aws = new MotoServer();
    // The first call of a service is slow: it is loaded for it.
    aws.boto("ec2", "describe_tags", Map.of());
    imds = new ImdsStandIn();
  }

  @BeforeEach
  void fresh() {
    aws.reset();
    imds.reset();
    clients = new AwsClients(TestNode.options(aws.endpoint(), imds.endpoint()));
    checks = new AwsChecks(clients);
  }

  @Test
  void a_good_node_is_fine_throughout() {
    aws.put(Map.of("/armory/spinnaker/preprod/role", "gate"));
    assertThat(checks.metadata()).extracting(Check::result).containsOnly(Result.FINE);
    assertThat(checks.parameters(NODE)).extracting(Check::result).containsOnly(Result.FINE);
    assertThat(checks.parameters(NODE)).extracting(Check::subject).contains("ssm", "clock");
  }

  @Test
  void an_imds_that_is_switched_off_is_to_be_switched_on() {
    imds.switchOff();
    assertThat(only(checks.metadata(), "imds"))
        .matches(c -> c.result() == Result.WRONG)
        .matches(c -> c.todo().contains("--http-endpoint enabled"));
  }

  @Test
  void an_imds_that_fails_is_not_to_be_switched_on() {
    imds.tokenFault(503, 99);
    assertThat(only(checks.metadata(), "imds"))
        .matches(c -> c.result() == Result.WRONG)
        .matches(c -> !c.todo().contains("--http-endpoint"))
        .matches(c -> c.todo().contains("look again"));
  }

  @Test
  void an_imds_that_the_environment_switches_off_is_no_fault() {
    System.setProperty("aws.disableEc2Metadata", "true");
    try {
      assertThat(only(checks.metadata(), "imds"))
          .matches(c -> c.result() == Result.FINE)
          .matches(c -> c.words().contains("AWS_EC2_METADATA_DISABLED"));
    } finally {
      System.clearProperty("aws.disableEc2Metadata");
    }
  }

  @Test
  void tags_that_can_be_read_nowhere_are_wrong_and_name_both_ways() {
    imds.hideTags();
    aws.fault("ec2:DescribeTags", "deny", 0, 9);
    assertThat(only(checks.metadata(), "tags"))
        .matches(c -> c.result() == Result.WRONG)
        .matches(c -> c.todo().contains("ec2:DescribeTags"))
        .matches(c -> c.todo().contains("--instance-metadata-tags enabled"));
  }

  @Test
  void a_node_that_nobody_could_identify_is_told_that_its_parameters_were_not_looked_at() {
    assertThat(checks.parameters(Optional.empty()))
        .extracting(Check::subject)
        .containsExactly("ssm", "clock");
    assertThat(checks.parameters(Optional.empty()))
        .extracting(Check::result)
        .containsOnly(Result.ADVICE);
  }

  @Test
  void a_silent_imds_is_wrong_in_bounded_time() {
    imds.silentFor(60);
    var options =
        TestNode.silent(
            aws.endpoint(), imds.endpoint(), Duration.ofMillis(300), Duration.ofMillis(2500));
    var began = System.nanoTime();
    try (var hasty = new AwsClients(options)) {
      var metadata = new AwsChecks(hasty).metadata();
      assertThat(only(metadata, "imds").result()).isEqualTo(Result.WRONG);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void tags_that_are_not_in_the_metadata_are_to_be_allowed_there() {
    imds.hideTags();
    assertThat(only(checks.metadata(), "tags"))
        .matches(c -> c.result() == Result.ADVICE)
        .matches(c -> c.todo().contains("--instance-id i-0123456789abcdef0"))
        .matches(c -> c.todo().contains("--instance-metadata-tags enabled"));
  }

  @Test
  void a_missing_permission_is_named() {
    aws.fault("ssm:GetParametersByPath", "deny", 0, 9);
    assertThat(only(checks.parameters(NODE), "ssm"))
        .matches(c -> c.result() == Result.WRONG)
        .matches(c -> c.todo().contains("ssm:GetParametersByPath"))
        .matches(c -> c.todo().contains("/armory/spinnaker/preprod"));
  }

  @Test
  void describing_is_a_permission_one_can_do_without() {
    aws.fault("ssm:DescribeParameters", "deny", 0, 9);
    var ssm = checks.parameters(NODE).stream().filter(c -> c.subject().equals("ssm")).toList();
    assertThat(ssm).extracting(Check::result).containsExactly(Result.FINE, Result.ADVICE);
    assertThat(ssm.getLast().todo()).contains("ssm:DescribeParameters");
  }

  @Test
  void an_unreachable_ssm_says_how_to_open_a_way() {
    try (var nowhere = new AwsClients(TestNode.hasty(java.net.URI.create("http://127.0.0.1:1")))) {
      var all = new AwsChecks(nowhere).parameters(NODE);
      assertThat(only(all, "ssm").todo()).contains("interface endpoint");
      assertThat(only(all, "clock").result()).isEqualTo(Result.ADVICE);
    }
  }

  @Test
  void the_clock_is_compared_with_the_date_of_an_answer() {
    var clock = new ServerClock(() -> Instant.parse("2026-01-31T12:00:00.9Z"));
    assertThat(clock.behind()).isEmpty();
    clock.afterTransmission(answer("no date"), new ExecutionAttributes());
    assertThat(clock.behind()).isEmpty();
    clock.afterTransmission(answer("Sat, 31 Jan 2026 12:00:07 GMT"), new ExecutionAttributes());
    assertThat(clock.behind()).isEqualTo(Optional.of(Duration.ofSeconds(7)));
  }

  private static Context.AfterTransmission answer(String date) {
    SdkRequest request = GetParametersByPathRequest.builder().build();
    return InterceptorContext.builder()
        .request(request)
        .httpResponse(SdkHttpResponse.builder().statusCode(200).putHeader("Date", date).build())
        .build();
  }

  private static Check only(List<Check> checks, String subject) {
    var found = checks.stream().filter(c -> c.subject().equals(subject)).toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }
}
