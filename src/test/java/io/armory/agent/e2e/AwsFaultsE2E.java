package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import io.armory.agent.rig.Relay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// A node whose instance does not show its tags, and that keeps no last known good: what the whole
/// agent does while AWS misbehaves. Its role is a site's own, deck alone.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AwsFaultsE2E {
  private static final String PREPROD = "/armory/spinnaker/preprod/";
  private static final String PLANTED = "PLANTEDforgetful-Hb27";

  private static final List<String> EVERYBODY_ELSE =
      List.of(
          "redis",
          "front50",
          "clouddriver",
          "fiat",
          "orca",
          "rosco",
          "echo",
          "igor",
          "igor-poller",
          "echo-scheduler",
          "kayenta",
          "gate");

  @TempDir static Path root;
  private static final ImdsStandIn IMDS = new ImdsStandIn();
  private static final MotoServer AWS = new MotoServer();
  private static final Relay SERVICES = new Relay(AWS.endpoint());
  private static @Nullable Node started;

  @BeforeAll
  static void start() {
    var node =
        Node.inAws(
            root,
            "e2e-faults-" + ProcessHandle.current().pid(),
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", IMDS.endpoint().toString(),
                "AWS_ENDPOINT_URL", SERVICES.endpoint().toString(),
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString()));
    started = node;
    node.settings("secrets: {keep_last_known_good: false}\nparameters: {poll_interval: 1s}\n");
    node.write("etc/armory-agent/compose/roles/edge.yml", role(node.deckPort));
    IMDS.hideTags();
    tagInEc2();
    AWS.put(
        Map.of(
            PREPROD + "env/SPINNAKER_REGISTRY", "armory-standin",
            PREPROD + "env/STACK_SUBNET",
                "10.213.%d.0/24".formatted(ProcessHandle.current().pid() % 250),
            PREPROD + "version", "dev"));
    AWS.putSecret(PREPROD + "config/settings-local.js", "// " + PLANTED + "\n");
  }

  static String role(int port) {
    var text = new StringBuilder("services:\n  deck:\n");
    text.append("    ports: [\"").append(port).append(":9000\"]\n");
    text.append("    x-armory: {probe: {interval: 300ms, timeout: 1s, start_period: 5s}}\n");
    EVERYBODY_ELSE.forEach(
        s -> text.append("  ").append(s).append(": {profiles: !override [elsewhere]}\n"));
    return text.toString();
  }

  private static void tagInEc2() {
    var instance =
        AWS.boto(
                "ec2",
                "run_instances",
                Map.of("ImageId", "ami-12c6146b", "MinCount", 1, "MaxCount", 1))
            .path("Instances")
            .get(0)
            .path("InstanceId")
            .asText();
    IMDS.set("instance-id", instance);
    AWS.boto(
        "ec2",
        "create_tags",
        Map.of(
            "Resources",
            List.of(instance),
            "Tags",
            List.of(
                Map.of("Key", "armory:stack", "Value", "preprod"),
                Map.of("Key", "armory:role", "Value", "edge"))));
  }

  @AfterAll
  static void end() {
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

  @Test
  @Order(1)
  void a_role_that_only_describe_tags_knows_is_found_after_a_slow_first_minute() {
    IMDS.silentFor(4);
    node().startAgent();
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> node().containers().containsKey(node().container("deck")));
    assertThat(node().cli("status").out())
        .containsPattern("role +edge +tag armory:role \\(EC2 DescribeTags\\)")
        .contains("IMDS tags/instance: not exposed (404); EC2 DescribeTags: asked instead");
    assertThat(node().cli("doctor").out()).contains("DescribeTags");
    assertThat(IMDS.requests("without-token")).isZero();
  }

  @Test
  @Order(2)
  void every_fault_of_the_metadata_service_is_outlived_without_touching_the_stack() {
    node().awaitReady();
    var before = node().containers();
    for (var fault : List.of("401", "403", "503", "hang", "drop")) {
      IMDS.expireTokens();
      IMDS.tokenFault(fault, 1);
      assertThat(node().cli("sync").exit()).as("token: " + fault).isZero();
      IMDS.dataFault(fault, 1);
      assertThat(node().cli("sync").exit()).as("data: " + fault).isZero();
      assertThat(node().isReady()).as(fault).isTrue();
    }
    assertThat(node().containers()).isEqualTo(before);
  }

  @Test
  @Order(3)
  void nothing_of_a_secret_is_kept_when_nothing_may_be_kept() throws IOException {
    var state = root.resolve("var/lib/armory-agent");
    assertThat(state.resolve("last-known-good")).doesNotExist();
    assertThat(state.resolve("seal.key")).doesNotExist();
    try (var all = Files.walk(root)) {
      for (var path : all.filter(Files::isRegularFile).toList()) {
        if (!path.startsWith(root.resolve("run/armory-agent/secrets"))) {
          assertThat(Files.readString(path, StandardCharsets.ISO_8859_1))
              .as(path.toString())
              .doesNotContain(PLANTED);
        }
      }
    }
  }

  @Test
  @Order(4)
  void without_a_copy_a_boot_with_aws_gone_touches_nothing_and_says_why() throws IOException {
    var before = node().containers();
    node().stopAgent();
    SERVICES.cut();
    try (var all = Files.walk(root.resolve("run"))) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    node().startAgent();
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> node().get("/health/ready").body().contains("DescribeTags"));
    assertThat(node().get("/health/ready").status()).isEqualTo(503);
    assertThat(node().get("/health/live").status()).isEqualTo(200);
    assertThat(node().containers()).isEqualTo(before);

    SERVICES.mend();
    node().awaitReady();
    assertThat(node().containers()).as("nothing was made anew").isEqualTo(before);
  }

  /// A host outside EC2 with AWS's parameters: it says itself who it is.
  @Test
  @Order(5)
  void where_metadata_is_switched_off_agent_yaml_says_who_the_node_is(@TempDir Path elsewhere) {
    // The engine is the same, and the first node's network has that stack's range.
    var outside = PREPROD.replace("preprod", "outside");
    AWS.put(
        Map.of(
            outside + "env/SPINNAKER_REGISTRY", "armory-standin",
            outside + "env/STACK_SUBNET",
                "10.209.%d.0/24".formatted(ProcessHandle.current().pid() % 250),
            outside + "version", "dev"));
    var host =
        Node.inAws(
            elsewhere,
            node().project + "-host",
            Map.of(
                "AWS_EC2_METADATA_DISABLED", "true",
                "AWS_ACCESS_KEY_ID", "test",
                "AWS_SECRET_ACCESS_KEY", "test",
                "AWS_ENDPOINT_URL", SERVICES.endpoint().toString()));
    host.settings("aws: on\nidentity: {stack: outside, role: standalone, region: us-east-1}\n");
    var rendered = host.cli("render");
    assertThat(rendered.exit()).as(rendered.err()).isZero();
    assertThat(rendered.out()).contains("armory-standin/gate:dev");
  }
}
