package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.FaultySocket;
import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// Two nodes of an Auto Scaling group, each with an instance metadata service of its own: one whose
/// engine breaks and whom Spot takes, one whom the group ends while it works.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LifecycleE2E {
  private static final String GROUP = "armoryspinnaker-preprod-v000";
  private static final Duration LONG = Duration.ofMinutes(2);

  @TempDir static Path one;
  @TempDir static Path two;
  private static final MotoServer AWS = new MotoServer();
  private static final ImdsStandIn IMDS_ONE = new ImdsStandIn();
  private static final ImdsStandIn IMDS_TWO = new ImdsStandIn();
  private static @Nullable FaultySocket engine;
  private static @Nullable Node first;
  private static @Nullable Node second;
  private static String idOne = "";
  private static String idTwo = "";
  private static String queue = "";
  private static Instant begins = Instant.MAX;

  @BeforeAll
  static void up() {
    group();
    var socket = FaultySocket.before(EngineSocket.PATH, one.resolve("engine.sock"));
    engine = socket;
    IMDS_ONE.set("instance-id", idOne);
    IMDS_TWO.set("instance-id", idTwo);
    var a = node(one, "life-a", IMDS_ONE, "docker: {socket: " + one.resolve("engine.sock") + "}");
    first = a;
    var b = node(two, "life-b", IMDS_TWO, "");
    second = b;
    a.startAgent();
    b.startAgent();
    a.awaitReady();
    b.awaitReady();
  }

  private static void group() {
    var instances = AWS.group(GROUP, 2);
    AWS.terminationHook(GROUP, 30);
    idOne = instances.getFirst();
    idTwo = instances.getLast();
  }

  private static Node node(Path root, String name, ImdsStandIn imds, String settings) {
    imds.tag("armory:role", "small");
    imds.tag("aws:autoscaling:groupName", GROUP);
    var node =
        Node.inAws(
            root,
            "e2e-" + name + "-" + ProcessHandle.current().pid(),
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.endpoint().toString(),
                "AWS_ENDPOINT_URL", AWS.endpoint().toString(),
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString()));
    node.settings(
        """
        repair: {window: 10s}
        health: {asg: {grace: 1s}}
        drain: {timeout: 10m, load_balancer: 1s}
        %s
        """
            .formatted(settings));
    SmallStack.role(node);
    SmallStack.parameters(node, SmallStack.subnet(), "dev");
    return node;
  }

  @AfterAll
  static void down() {
    if (first != null) {
      first.close();
    }
    if (second != null) {
      second.close();
    }
    if (engine != null) {
      engine.close();
    }
    IMDS_ONE.close();
    IMDS_TWO.close();
    AWS.close();
  }

  @Test
  @Order(1)
  void of_two_nodes_exactly_the_one_whose_engine_is_broken_for_good_is_reported() {
    at(engine).vanish();
    // As long as all that runs serves, nothing is asked for.
    control(at(first), "orca", "down");
    await().atMost(LONG).until(() -> health(idOne).equalsIgnoreCase("Unhealthy"));
    assertThat(health(idTwo)).isEqualToIgnoringCase("Healthy");
    assertThat(AWS.calls("autoscaling:SetInstanceHealth")).isEqualTo(1);
    assertThat(at(first).cli("status").out()).contains("NEEDS REPLACEMENT");
    control(at(first), "orca", "up");
    at(engine).appear();
    await()
        .atMost(LONG)
        .until(() -> !at(first).get("/health").json().at("/replace/holds").asBoolean());
    assertThat(at(first).cli("status").out()).doesNotContain("NEEDS REPLACEMENT");
  }

  @Test
  @Order(2)
  void a_node_drained_by_hand_comes_back_with_start() {
    announce();
    var node = at(first);
    node.awaitReady();
    var before = failures(node);
    control(node, "orca", "waiting=1");
    var drain = node.cli("drain", "--timeout", "30s");
    assertThat(drain.exit()).as(drain.err() + node.logText()).isZero();
    assertThat(drain.out())
        .contains("drained", "armory-agent start")
        .as("nobody waits for an execution that itself only waits")
        .doesNotContain("in hand");
    assertThat(SmallStack.running(node).values()).allMatch(n -> n == 0);
    assertThat(node.get("/health/ready").status()).isEqualTo(503);
    assertThat(node.cli("start").exit()).isZero();
    node.awaitReady();
    assertThat(
            Shell.must("docker", "exec", node.container("orca"), "/standin", "ctl", "state").out())
        .as("and the next orca has it")
        .contains("\"waiting\":1");
    assertThat(failures(node)).as("a drain is no failure of the services").isEqualTo(before);
  }

  /// Its stack has a Redis of its own, so it serves alone, and is drained five minutes ahead.
  @Test
  @Order(3)
  void what_ec2_has_in_its_calendar_is_told_and_drained_for() {
    var node = at(second);
    await().atMost(LONG).until(() -> drain(node).path("step").asText().equals("stopped"));
    assertThat(Instant.now()).isBefore(begins);
    assertThat(drain(node).path("cause").asText()).isEqualTo("scheduled");
    assertThat(node.cli("status").out()).contains("EC2 will reboot this instance", "system-reboot");
    assertThat(node.get("/metrics").body())
        .contains("armory_scheduled_event_timestamp_seconds{code=\"system-reboot\"");
    var told = new ArrayList<String>();
    await()
        .atMost(LONG)
        .until(() -> {
          AWS.boto("sqs", "receive_message", Map.of("QueueUrl", queue))
              .path("Messages")
              .forEach(m -> told.add(m.path("Body").asText()));
          return told.stream().anyMatch(m -> m.contains("scheduled reboot"))
              && told.stream().anyMatch(m -> m.contains("drains"));
        });
    assertThat(told).allMatch(m -> m.contains(idTwo));
    IMDS_TWO.set("events/maintenance/scheduled", "[]");
  }

  /// The calendar is read once a minute, so other tests go on meanwhile.
  private static void announce() {
    queue = subscribed(at(second));
    begins = Instant.now().plusSeconds(250).truncatedTo(ChronoUnit.SECONDS);
    IMDS_TWO.set(
        "events/maintenance/scheduled",
        """
        [{"NotBefore": "%s", "Code": "system-reboot", "Description": "scheduled reboot",
          "EventId": "instance-event-0ab", "State": "active"}]\
        """
            .formatted(
                DateTimeFormatter.ofPattern("d MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC)
                    .format(begins)));
  }

  /// The topic is a parameter of the stack.
  ///
  /// @return a queue that gets what the topic is told
  private static String subscribed(Node node) {
    var topic = AWS.boto("sns", "create_topic", Map.of("Name", "alerts")).path("TopicArn").asText();
    var queue =
        AWS.boto("sqs", "create_queue", Map.of("QueueName", "alerts")).path("QueueUrl").asText();
    AWS.boto(
        "sns",
        "subscribe",
        Map.of(
            "TopicArn",
            topic,
            "Protocol",
            "sqs",
            "Endpoint",
            "arn:aws:sqs:us-east-1:123456789012:alerts"));
    AWS.put(Map.of("/armory/spinnaker/preprod/env/NOTIFY_SNS_TOPIC", topic));
    SmallStack.synced(node);
    return queue;
  }

  @Test
  @Order(4)
  void a_node_spot_takes_is_stopped_in_time_although_it_works() {
    var node = at(first);
    control(node, "orca", "executions=1");
    var end = Instant.now().plusSeconds(45).truncatedTo(ChronoUnit.SECONDS);
    IMDS_ONE.set(
        "spot/instance-action", "{\"action\":\"terminate\",\"time\":\"%s\"}".formatted(end));
    await().atMost(LONG).until(() -> drain(node).path("step").asText().equals("stopped"));
    assertThat(EngineSocket.containers(node.project).keySet())
        .as("20 s before the end")
        .isNotEmpty()
        .allSatisfy(name -> assertThat(finished(name)).isBefore(end.minusSeconds(20)));
    assertThat(drain(node).path("forced").asBoolean()).isTrue();
    assertThat(drain(node).path("cause").asText()).isEqualTo("spot");
    assertThat(SmallStack.running(node).values()).allMatch(n -> n == 0);
  }

  @Test
  @Order(5)
  void what_is_cancelled_is_over() {
    var node = at(second);
    await().atMost(LONG).until(() -> drain(node).isMissingNode());
    node.awaitReady();
    assertThat(node.cli("events").out()).contains("over or cancelled", "the drain is over");
  }

  @Test
  @Order(6)
  void a_hook_is_completed_only_after_the_execution_ended_though_the_agent_was_killed_meanwhile() {
    var node = at(second);
    control(node, "orca", "executions=1");
    AWS.state(idTwo, "Terminating:Wait");
    IMDS_TWO.set("autoscaling/target-lifecycle-state", "Terminated");
    await().atMost(LONG).until(() -> drain(node).path("step").asText().equals("waiting"));
    assertThat(node.get("/health/ready").body()).contains("draining", "ends this instance");
    await().atMost(LONG).until(() -> AWS.lifecycleActions().contains("heartbeat drain"));
    node.killAgent();
    node.startAgent();
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(() -> drain(node).path("doing").asText().contains("1 message in hand"));
    assertThat(AWS.lifecycleActions()).doesNotContain("complete drain CONTINUE");
    assertThat(SmallStack.running(node)).containsEntry("orca", 1);
    control(node, "orca", "executions=0");
    await().atMost(LONG).until(() -> AWS.lifecycleActions().contains("complete drain CONTINUE"));
    assertThat(SmallStack.running(node).values()).allMatch(n -> n == 0);
    assertThat(node.cli("events").out()).contains("drained");
    assertThat(AWS.calls("autoscaling:SetInstanceHealth")).as("no other").isEqualTo(1);
  }

  private static void control(Node node, String service, String command) {
    Shell.must("docker", "exec", node.container(service), "/standin", "ctl", command);
  }

  private static Instant finished(String container) {
    var state = EngineSocket.container(container).path("State");
    return Instant.parse(state.path("FinishedAt").asText());
  }

  /// Service → what is told of its failures and restarts.
  private static Map<String, String> failures(Node node) {
    var all = new TreeMap<String, String>();
    for (var s : node.get("/health").json().path("services")) {
      all.put(s.path("name").asText(), s.path("restarts") + " " + s.path("lastFailure"));
    }
    assertThat(all).isNotEmpty();
    return all;
  }

  private static JsonNode drain(Node node) {
    return node.get("/health").json().path("lifecycle").path("drain");
  }

  private static String health(String instance) {
    for (var i :
        AWS.boto("autoscaling", "describe_auto_scaling_instances", Map.of())
            .path("AutoScalingInstances")) {
      if (i.path("InstanceId").asText().equals(instance)) {
        return i.path("HealthStatus").asText();
      }
    }
    throw new AssertionError("no instance " + instance);
  }

  private static <T> T at(@Nullable T started) {
    if (started == null) {
      throw new AssertionError("was not started");
    }
    return started;
  }
}
