package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import io.armory.agent.rig.Relay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// A node that knows nothing but where AWS is: who it is and what it runs comes from the instance's
/// metadata and the Parameter Store. One node's life, told in order.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AwsNodeE2E {
  private static final String DEFAULT = "/armory/spinnaker/default/";
  private static final String PREPROD = "/armory/spinnaker/preprod/";

  /// Metrics that a node has only where it shares a Redis or polls for others, or while EC2 has
  /// something in its calendar.
  private static final Set<String> AT_TIMES =
      Set.of(
          "armory_backup_failed",
          "armory_backup_interval_seconds",
          "armory_backup_last_success_timestamp_seconds",
          "armory_group_held_back",
          "armory_group_nodes",
          "armory_group_turn_seconds",
          "armory_group_unavailable",
          "armory_group_waiting",
          "armory_redis_up",
          "armory_redis_latency_seconds",
          "armory_poller_here",
          "armory_poller_token",
          "armory_scheduled_event_timestamp_seconds");

  @TempDir static Path root;
  private static final ImdsStandIn IMDS = new ImdsStandIn();
  private static final MotoServer AWS = new MotoServer();
  private static final Relay METADATA = new Relay(IMDS.endpoint());
  private static final Relay SERVICES = new Relay(AWS.endpoint());
  private static @Nullable Node started;

  @BeforeAll
  static void start() {
    var node =
        Node.inAws(
            root,
            "e2e-aws-" + ProcessHandle.current().pid(),
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", METADATA.endpoint().toString(),
                "AWS_ENDPOINT_URL_SSM", SERVICES.endpoint().toString(),
                // Nothing of the machine that runs the test.
                "AWS_ENDPOINT_URL_AUTO_SCALING", "http://127.0.0.1:1",
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString()));
    started = node;
    // What starts first leaves one that serves for another 35 s: StartFirstE2E waits for them.
    node.write(Node.OVERRIDE, Node.quiet(", deploy: {update_config: {order: stop-first}}"));
    var subnet = "10.211.%d.0/24".formatted(ProcessHandle.current().pid() % 250);
    AWS.put(
        Map.of(
            DEFAULT + "env/SPINNAKER_REGISTRY", "armory-standin",
            DEFAULT + "env/SPINNAKER_RELEASE", "none-such",
            DEFAULT + "env/REDIS_IMAGE", "armory-standin/redis:dev",
            DEFAULT + "env/POSTGRES_IMAGE", "armory-standin/postgres:dev",
            DEFAULT + "env/STACK_SUBNET", subnet,
            DEFAULT + "env/GATE_PUBLISHED_PORT", Integer.toString(node.gatePort),
            DEFAULT + "config/orca-local.yml", "tasks:\n  controls: {}\n",
            PREPROD + "env/DECK_PUBLISHED_PORT", Integer.toString(node.deckPort),
            PREPROD + "version", "dev"));
    AWS.putSecret(PREPROD + "config/gate-local.yml", "planted: secret-of-gate\n");
    node.startAgent();
  }

  @AfterAll
  static void end() {
    if (started != null) {
      started.close();
    }
    METADATA.close();
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

  @Test
  @Order(1)
  void without_a_role_nothing_is_touched_and_health_says_where_it_looked() {
    await().until(() -> node().get("/health/ready").body().contains("no role"));
    var health = node().get("/health/ready");
    assertThat(health.status()).isEqualTo(503);
    assertThat(health.body())
        .contains("tag armory:role: not set")
        .contains("/armory/spinnaker/default")
        .contains("/armory/spinnaker/preprod")
        .contains("parameter role: not set")
        .contains("standalone");
    assertThat(node().cli("status").out())
        .contains("no role", "preprod", "Auto Scaling group armoryspinnaker-preprod-v000");
    assertThat(node().containers()).isEmpty();
  }

  @Test
  @Order(2)
  void the_role_of_a_parameter_brings_the_stack_up_as_preprod() {
    aws("put-parameter", "--name", PREPROD + "role", "--value", "standalone", "--type", "String");
    var sync = node().cli("sync");
    assertThat(sync.exit()).as(sync.err() + node().logText()).isZero();
    node().awaitReady();
    assertThat(node().containers().keySet())
        .contains(node().container("redis"), node().container("gate"), node().container("deck"));
    var health = node().get("/health").json();
    var identity = health.path("identity");
    assertThat(identity.path("stack").path("value").asText()).isEqualTo("preprod");
    assertThat(identity.path("stack").path("origin").asText())
        .isEqualTo("Auto Scaling group armoryspinnaker-preprod-v000");
    assertThat(identity.path("role").path("origin").asText())
        .isEqualTo("ssm " + PREPROD + "role (version 1)");
    assertThat(health.path("revision").path("stale").asBoolean()).isFalse();
    assertThat(node().service("gate").path("image").asText()).isEqualTo("armory-standin/gate:dev");
    assertThat(IMDS.requests("without-token")).isZero();
  }

  @Test
  @Order(3)
  void dashboard_and_alert_rules_ask_only_for_metrics_that_are_there() throws java.io.IOException {
    var scrape = node().get("/metrics").body();
    var there = new java.util.TreeSet<>(AT_TIMES);
    for (var line : scrape.lines().filter(l -> !l.startsWith("#")).toList()) {
      there.add(line.split("[{ ]", 2)[0]);
    }
    assertThat(there)
        .contains(
            "armory_service_state",
            "armory_service_restarts",
            "armory_probe_seconds_count",
            "armory_reconcile_seconds_count",
            "armory_action_seconds_count",
            "armory_aws_call_seconds_count",
            "armory_agent_info",
            "jvm_memory_used_bytes");
    for (var file :
        java.util.List.of(
            "packaging/prometheus/armory-agent.rules.yml", "packaging/grafana/armory-agent.json")) {
      var text = java.nio.file.Files.readString(Path.of(file));
      var asked = new java.util.TreeSet<String>();
      java.util.regex.Pattern.compile("\\b(?:armory|jvm)_[a-z_]+\\b")
          .matcher(text)
          .results()
          .forEach(m -> asked.add(m.group()));
      assertThat(asked).as(file).hasSizeGreaterThan(10);
      assertThat(there).as(file).containsAll(asked);
      java.util.regex.Pattern.compile("phase=\\\\?\"([a-z-]+)")
          .matcher(text)
          .results()
          .forEach(m -> assertThat(scrape).contains("phase=\"" + m.group(1) + "\""));
    }
  }

  @Test
  @Order(3)
  void config_and_status_show_where_each_fact_came_from() {
    assertThat(node().cli("config").out())
        .contains("ssm " + PREPROD + "role (version 1)\trole=standalone")
        .contains("ssm " + PREPROD + "version (version 1)\tversion=dev")
        .contains(
            "ssm "
                + DEFAULT
                + "env/SPINNAKER_REGISTRY (version 1)\tSPINNAKER_REGISTRY=armory-standin")
        .contains("ssm " + PREPROD + "config/gate-local.yml (version 1)\tconfig/gate-local.yml")
        .doesNotContain("secret-of-gate");
    assertThat(node().cli("status").out())
        .containsPattern("stack +preprod +Auto Scaling group armoryspinnaker-preprod-v000")
        .containsPattern("role +standalone +ssm " + PREPROD + "role \\(version 1\\)")
        .containsPattern("parameter prefix +/armory/spinnaker +default")
        .containsPattern("instance-id +i-0123456789abcdef0 +IMDS instance-id")
        .containsPattern("region +us-east-1 +IMDS placement/region")
        .contains("tag armory:stack: not set", "tag armory:role: not set");
  }

  @Test
  @Order(4)
  void a_role_tag_comes_before_the_parameter_and_one_that_is_unknown_touches_nothing() {
    IMDS.tag("armory:role", "no-such-role");
    var before = startTimes();
    var sync = node().cli("sync");
    assertThat(sync.exit()).as("invalid input").isEqualTo(2);
    assertThat(sync.err()).contains("no role no-such-role", "tag armory:role", "standalone");
    var health = node().get("/health/ready");
    assertThat(health.status()).isEqualTo(503);
    assertThat(health.body()).contains("there is no role no-such-role");
    assertThat(startTimes()).isEqualTo(before);
    IMDS.tag("armory:role", "standalone");
    assertThat(node().cli("sync").exit()).isZero();
    assertThat(node().cli("status").out())
        .containsPattern("role +standalone +tag armory:role \\(IMDS\\)");
    assertThat(startTimes()).isEqualTo(before);
  }

  @Test
  @Order(5)
  void a_version_changed_with_the_aws_cli_rolls_out_and_is_told_by_sync() {
    var redis = node().containerId("redis");
    aws("put-parameter", "--overwrite", "--name", PREPROD + "version", "--value", "next");
    var sync = node().cli("sync");
    assertThat(sync.exit()).as(sync.err()).isZero();
    assertThat(node().service("gate").path("image").asText()).isEqualTo("armory-standin/gate:next");
    assertThat(node().service("orca").path("image").asText()).isEqualTo("armory-standin/orca:next");
    assertThat(node().containerId("redis")).as("not of the release").isEqualTo(redis);
    assertThat(node().cli("config").out())
        .contains("ssm " + PREPROD + "version (version 2)\tversion=next");
  }

  @Test
  @Order(6)
  void odd_values_are_literal_and_malformed_ones_are_named_and_touch_nothing() {
    AWS.put(
        Map.of(
            PREPROD + "env/GATE_JAVA_OPTS", "-Dpath=$HOME/${x} 'a'",
            PREPROD + "env/no-name", "left out"));
    var sync = node().cli("sync");
    assertThat(sync.exit()).as(sync.err()).isZero();
    assertThat(
            Shell.must("docker", "inspect", "-f", "{{.Config.Env}}", node().container("gate"))
                .out())
        .contains("-Dpath=$HOME/${x} 'a'");
    assertThat(node().cli("config").out()).contains("env/no-name", "is no variable's name");

    var before = startTimes();
    AWS.put(Map.of(PREPROD + "env/BAD", "a\0b"));
    var refused = node().cli("sync");
    assertThat(refused.exit()).as("invalid input").isEqualTo(2);
    assertThat(refused.err()).contains(PREPROD + "env/BAD", "NUL at position 2");
    assertThat(node().isReady()).as("what runs goes on").isTrue();
    assertThat(node().cli("config").out()).contains("env/BAD").contains("version=next");
    assertThat(startTimes()).isEqualTo(before);
    aws("delete-parameters", "--names", PREPROD + "env/BAD", PREPROD + "env/no-name");
    assertThat(node().cli("sync").exit()).isZero();
    assertThat(node().cli("config").out()).doesNotContain("problem");
  }

  @Test
  @Order(7)
  void polling_finds_a_change_and_is_silent_about_none() {
    node().stopAgent();
    var earlier = node().logText().length();
    node().settings("parameters: {poll_interval: 1s}\n");
    node().startAgent();
    node().awaitReady();
    awaitStale(false);
    // The group is out of reach here, and that is said once.
    await().until(() -> node().logText().substring(earlier).contains("autoscaling:Describe"));
    awaitPolls(2);
    var log = node().logText();
    var values = AWS.calls("ssm:GetParametersByPath");
    awaitPolls(3);
    assertThat(node().logText()).as("nothing changed, nothing said").isEqualTo(log);
    assertThat(AWS.calls("ssm:GetParametersByPath")).as("nor read again").isEqualTo(values);

    aws(
        "put-parameter",
        "--name",
        PREPROD + "env/ROSCO_IMAGE",
        "--type",
        "String",
        "--value",
        "armory-standin/rosco:dev");
    await()
        .atMost(2, TimeUnit.MINUTES)
        .ignoreExceptions()
        .until(() ->
            node().service("rosco").path("image").asText().equals("armory-standin/rosco:dev")
                && node().get("/health").json().path("phase").asText().equals("steady"));
  }

  @Test
  @Order(8)
  void without_imds_and_ssm_a_restarted_agent_goes_on_from_the_last_known_good() {
    var before = startTimes();
    node().stopAgent();
    cut();
    node().startAgent();
    node().awaitReady();
    awaitStale(true);
    await().until(() -> revision().path("staleSeconds").asInt() > 0);
    assertThat(node().cli("status").out())
        .contains("STALE for", "IMDS", "stack preprod", "role standalone")
        .containsPattern(
            "stack +preprod +Auto Scaling group armoryspinnaker-preprod-v000 \\(kept, read at 20");
    assertThat(node().cli("config").out())
        .contains("ssm " + PREPROD + "version (version 2)\tversion=next")
        .contains("stale");
    assertThat(startTimes()).as("nothing is restarted").isEqualTo(before);
  }

  @Test
  @Order(9)
  void a_reboot_without_imds_and_ssm_puts_the_secrets_back_from_the_sealed_copy()
      throws IOException {
    var before = node().containers();
    node().stopAgent();
    node().containers().keySet().forEach(c -> Shell.must("docker", "kill", c));
    delete(root.resolve("run"));
    node().startAgent();
    node().awaitReady();
    awaitStale(true);
    assertThat(node().containers()).as("the same containers").isEqualTo(before);
    assertThat(root.resolve("run/armory-agent/secrets/config/gate-local.yml"))
        .hasContent("planted: secret-of-gate\n");
    assertThat(
            Shell.must(
                    "docker",
                    "exec",
                    node().container("gate"),
                    "cat",
                    "/opt/spinnaker/config/gate-local.yml")
                .out())
        .isEqualTo("planted: secret-of-gate\n");
  }

  @Test
  @Order(10)
  void one_of_the_two_out_of_reach_is_enough_to_go_on_from_what_is_known() {
    var before = startTimes();
    METADATA.mend();
    node().stopAgent();
    node().startAgent();
    awaitStale(true);
    awaitStatus("STALE for", "SSM");
    METADATA.cut();
    SERVICES.mend();
    node().stopAgent();
    node().startAgent();
    awaitStale(true);
    awaitStatus("STALE for", "IMDS");
    assertThat(startTimes()).as("nothing is restarted").isEqualTo(before);
  }

  /// Until the sources have not only kept silent: then it says which of them, and why.
  private static void awaitStatus(String... words) {
    await()
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(node().cli("status").out()).contains(words));
  }

  @Test
  @Order(11)
  void when_aws_is_back_the_node_is_fresh_again_and_nothing_is_restarted() {
    var before = startTimes();
    METADATA.mend();
    SERVICES.mend();
    awaitStale(false);
    assertThat(node().cli("status").out()).doesNotContain("STALE");
    assertThat(node().isReady()).isTrue();
    assertThat(startTimes()).isEqualTo(before);
  }

  private static void cut() {
    METADATA.cut();
    SERVICES.cut();
  }

  private static com.fasterxml.jackson.databind.JsonNode revision() {
    return node().get("/health").json().path("revision");
  }

  private static void awaitStale(boolean stale) {
    await("stale: " + stale)
        .atMost(2, TimeUnit.MINUTES)
        .ignoreExceptions()
        .until(() ->
            revision().path("state").asText().equals("current")
                && revision().path("stale").asBoolean() == stale
                && node().isReady());
  }

  /// More looks at the sources, each whole.
  private static void awaitPolls(int more) {
    var target = AWS.calls("ssm:DescribeParameters") + more;
    await().until(() -> AWS.calls("ssm:DescribeParameters") >= target);
  }

  private static void aws(String... arguments) {
    var all = new java.util.ArrayList<>(java.util.List.of("ssm"));
    all.addAll(java.util.List.of(arguments));
    AWS.cli(all.toArray(String[]::new));
  }

  private static Map<String, String> startTimes() {
    Set<String> names = node().containers().keySet();
    var lines =
        Shell.must(
                java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                            "docker", "inspect", "-f", "{{.Name}} {{.Id}} {{.State.StartedAt}}"),
                        names.stream())
                    .toArray(String[]::new))
            .lines();
    return new TreeMap<>(
        lines.stream()
            .collect(Collectors.toMap(l -> l.substring(0, l.indexOf(' ')), l -> l, (a, b) -> a)));
  }

  private static void delete(Path directory) throws IOException {
    try (var all = Files.walk(directory)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
