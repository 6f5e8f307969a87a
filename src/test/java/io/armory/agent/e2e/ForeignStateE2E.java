package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import io.armory.agent.rig.Relay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
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

/// A node of `prod` whose disk becomes the disk of another instance, which IMDS calls `preprod`,
/// while the Parameter Store does not answer. Its role is a site's own, deck alone.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ForeignStateE2E {
  private static final String PROD = "i-0aaaaaaaaaaaaaaaa";
  private static final String OTHER = "i-0bbbbbbbbbbbbbbbb";

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
            "e2e-foreign-" + ProcessHandle.current().pid(),
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", METADATA.endpoint().toString(),
                "AWS_ENDPOINT_URL", SERVICES.endpoint().toString(),
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString()));
    started = node;
    node.settings("parameters: {poll_interval: 1s}\n");
    node.write("etc/armory-agent/compose/roles/edge.yml", AwsFaultsE2E.role(node.deckPort));
    node.write(
        "etc/armory-agent/env/default.env",
        "SPINNAKER_REGISTRY=armory-standin\nSPINNAKER_RELEASE=dev\nSTACK_SUBNET=10.207.%d.0/24\n"
            .formatted(ProcessHandle.current().pid() % 250));
    is(PROD, "prod");
  }

  private static void is(String instance, String stack) {
    IMDS.set("instance-id", instance);
    IMDS.tag("armory:stack", stack);
    IMDS.tag("armory:role", "edge");
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
  void a_nodes_own_last_known_good_starts_long_before_the_reading_gives_up() {
    node().startAgent();
    node().awaitReady();
    await().until(() -> Files.exists(state().resolve("last-known-good")));
    node().stopAgent();
    var deck = node().container("deck");
    Shell.must("docker", "kill", deck);
    SERVICES.cut();
    node().startAgent();
    // At most 5 s on a machine with nothing else to do; the reading gives up after 90 s.
    await().atMost(40, TimeUnit.SECONDS).until(() -> runs(deck));
    node().awaitReady();
    assertThat(node().get("/health").json().path("revision").path("stale").asBoolean()).isTrue();
    assertThat(node().cli("status").out()).contains(PROD, "STALE");
  }

  @Test
  @Order(2)
  void on_another_instance_nothing_of_it_runs_and_nothing_of_it_is_shown() throws IOException {
    node().stopAgent();
    var deck = node().container("deck");
    is(OTHER, "preprod");
    node().startAgent();
    await().atMost(60, TimeUnit.SECONDS).until(() -> !runs(deck));
    node().await(said -> said.contains(OTHER), "status");
    assertThat(node().isReady()).isFalse();
    var status = node().cli("status").out();
    assertThat(status)
        .contains("what " + PROD + " kept is not used here", "stack preprod")
        .doesNotContain("; " + PROD)
        .doesNotContain("stack prod");
    assertThat(node().cli("doctor").out()).contains("what " + PROD + " kept is not used here");
    assertThat(node().cli("events").out()).contains("what " + PROD + " kept is not used");
    assertThat(node().logText()).contains("what " + PROD + " kept is not used here");
    try (var all = Files.list(state())) {
      assertThat(all.map(p -> String.valueOf(p.getFileName())).toList())
          .anyMatch(n -> n.startsWith("kept-by-" + PROD))
          .doesNotContain("last-known-good", "maintenance");
    }

    SERVICES.mend();
    node().awaitReady();
    // Until the node's own revision is proven and kept.
    node().await(said -> !said.contains("is not used here"), "status");
  }

  @Test
  @Order(3)
  void an_image_of_a_running_node_that_imds_names_only_later_drops_what_it_began_with()
      throws IOException {
    await().until(() -> Files.exists(state().resolve("last-known-good")));
    node().stopAgent();
    var deck = node().container("deck");
    METADATA.cut();
    SERVICES.cut();
    delete(root.resolve("run"));
    is(PROD, "prod");
    node().startAgent();
    await().atMost(60, TimeUnit.SECONDS).until(() -> runs(deck));
    METADATA.mend();
    await().atMost(90, TimeUnit.SECONDS).until(() -> !runs(deck));
    node().await(said -> said.contains("what " + OTHER + " kept is not used"), "status");
    assertThat(node().isReady()).isFalse();
  }

  private static void delete(Path directory) throws IOException {
    try (var all = Files.walk(directory)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static boolean runs(String container) {
    return EngineSocket.find(container).stream()
        .anyMatch(c -> c.path("State").path("Running").asBoolean());
  }

  private static Path state() {
    return root.resolve("var/lib/armory-agent");
  }
}
