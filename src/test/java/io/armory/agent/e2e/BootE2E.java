package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import io.armory.agent.rig.Relay;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A node that boots while the Parameter Store hangs, fails, throttles or refuses: it starts what
/// it ran last, at once, and goes on reading.
class BootE2E {
  private static final Set<String> READS =
      Set.of("ssm:GetParametersByPath", "ssm:DescribeParameters");
  private static final String PATH = "/armory/spinnaker/preprod/";
  private static final String KEY = "alias/other";
  private static final String SECRET = PATH + "config/gate-local.yml";

  /// From the agent's start to the moment from which it starts containers.
  private static final Duration SOON = Duration.ofSeconds(5);

  @TempDir static Path root;
  private static final ImdsStandIn IMDS = new ImdsStandIn();
  private static final MotoServer AWS = new MotoServer();
  private static final Relay SERVICES = new Relay(AWS.endpoint());
  private static @Nullable Node started;

  @BeforeAll
  static void up() {
    var node =
        Node.inAws(
            root,
            "e2e-boot-" + ProcessHandle.current().pid(),
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", IMDS.endpoint().toString(),
                "AWS_ENDPOINT_URL", SERVICES.endpoint().toString(),
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString()));
    started = node;
    node.settings(
        "identity: {stack: preprod, region: us-east-1}\nparameters: {poll_interval: 1s}\n");
    node.write("etc/armory-agent/compose/roles/edge.yml", AwsFaultsE2E.role(node.deckPort));
    AWS.put(
        Map.of(
            PATH + "env/SPINNAKER_REGISTRY", "armory-standin",
            PATH + "env/STACK_SUBNET", SmallStack.subnet(),
            PATH + "role", "edge",
            PATH + "version", "dev"));
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
    SERVICES.close();
    IMDS.close();
    AWS.close();
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  /// A node that ran well, and was switched off.
  @BeforeEach
  void off() {
    AWS.noFaults();
    SERVICES.mend();
    node().startAgent();
    node().awaitReady();
    await().until(() -> node().get("/health").json().path("phase").asText().equals("steady"));
    node().stopAgent();
    Shell.must("docker", "stop", "-t", "0", node().container("deck"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fail", "throttle", "deny"})
  void what_ran_last_starts_at_once_while_ssm_answers_badly(String fault) {
    AWS.fault(READS, fault, 100_000);
    assertStartsSoon();
  }

  @Test
  void and_while_it_lets_one_in_and_never_answers() {
    SERVICES.hold();
    assertStartsSoon();
  }

  /// One parameter that this process has never read: no revision is made without it, and what ran
  /// is what the node's own last known good says.
  @Test
  @EnabledIfSystemProperty(
      named = "armory.long",
      matches = "true",
      disabledReason = "./dev test --long")
  void and_while_kms_decrypts_one_parameter_not_which_is_named() {
    AWS.putSecret(SECRET, "planted: secret\n", KEY);
    AWS.denyKeys(List.of(KEY));
    try {
      node().startAgent();
      node().awaitReady();
      await().until(() -> node().get("/health").body().contains(SECRET));
      assertThat(node().get("/health").json().path("revision").path("stale").asBoolean()).isTrue();
      var deck = EngineSocket.container(node().container("deck")).path("Id").asText();
      Shell.must("docker", "kill", node().container("deck"));
      await().until(() -> SmallStack.running(node()).getOrDefault("deck", 0) == 1);
      assertThat(EngineSocket.container(node().container("deck")).path("Id").asText())
          .isEqualTo(deck);
    } finally {
      AWS.denyKeys(List.of());
      AWS.boto("ssm", "delete_parameter", Map.of("Name", SECRET));
    }
    await()
        .atMost(3, TimeUnit.MINUTES)
        .until(() -> !node().get("/health").json().path("revision").path("stale").asBoolean(true));
  }

  /// The last known good serves while sources cannot be read: these were read, and name no role.
  @Test
  @EnabledIfSystemProperty(
      named = "armory.long",
      matches = "true",
      disabledReason = "./dev test --long")
  void one_that_has_no_role_any_more_creates_nothing_of_what_ran_last() {
    node().startAgent();
    node().awaitReady();
    AWS.boto("ssm", "delete_parameter", Map.of("Name", PATH + "role"));
    try {
      await().until(() -> node().get("/health/ready").body().contains("role"));
      node().stopAgent();
      Shell.must("docker", "rm", "-f", node().container("deck"));
      node().startAgent();
      await()
          .during(SOON)
          .atMost(1, TimeUnit.MINUTES)
          .until(() -> node().containers().isEmpty() && !node().isReady());
      assertThat(node().cli("status").out()).contains("no role");
    } finally {
      AWS.put(Map.of(PATH + "role", "edge"));
    }
    node().awaitReady();
  }

  private static void assertStartsSoon() {
    node().startAgent();
    node().awaitReady();
    var health = node().get("/health").json();
    var agent = Instant.parse(health.path("startedAt").asText());
    assertThat(Duration.between(agent, decided())).isBetween(Duration.ZERO, SOON);
    assertThat(health.path("revision").path("stale").asBoolean()).isTrue();

    AWS.noFaults();
    SERVICES.mend();
    await("reading went on")
        .atMost(3, TimeUnit.MINUTES)
        .until(() -> !node().get("/health").json().path("revision").path("stale").asBoolean(true));
  }

  /// When the last known good revision was put in force: how long the engine then takes for a start
  /// is the machine's affair.
  private static Instant decided() {
    var adopted =
        node()
            .read("var/lib/armory-agent/events.jsonl")
            .lines()
            .filter(line -> line.contains("rolling out"))
            .reduce((one, next) -> next)
            .orElseThrow();
    return Instant.parse(adopted.replaceFirst(".*\"at\":\"([^\"]+)\".*", "$1"));
  }

  @AfterEach
  void stop() {
    node().stopAgent();
  }
}
