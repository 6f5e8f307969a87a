package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
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

/// What people and programs do around the agent: names in another alphabet, files half written, a
/// container paused. Its role is a site's own, deck alone, in the locale `C`.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SurroundingsE2E {
  private static final String OVERLAY = "etc/armory-agent/compose/docker-compose.override.yml";

  @TempDir static Path root;
  private static @Nullable Node started;

  @BeforeAll
  static void start() {
    var node =
        Node.inAws(
            root,
            "e2e-around-" + ProcessHandle.current().pid(),
            Map.of("LC_ALL", "C", "LANG", "C"));
    started = node;
    node.settings(
        "aws: off\nidentity: {stack: e2e, role: edge}\nparameters: {poll_interval: 1s}\n");
    node.write("etc/armory-agent/compose/roles/edge.yml", AwsFaultsE2E.role(node.deckPort));
    node.write(
        "etc/armory-agent/env/default.env",
        "SPINNAKER_REGISTRY=armory-standin\nSPINNAKER_RELEASE=dev\nSTACK_SUBNET=10.208.%d.0/24\n"
            .formatted(ProcessHandle.current().pid() % 250));
    inConfig("\\303\\204nderungen.txt");
  }

  /// Makes a file whose name this process may not be able to say.
  private static void inConfig(String name) {
    Shell.must(
        "sh",
        "-c",
        "mkdir -p \"$0\" && echo x >\"$0/$(printf '%b' \"$1\")\"",
        root.resolve("etc/armory-agent/config").toString(),
        name);
  }

  @AfterAll
  static void end() {
    if (started != null) {
      started.close();
    }
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
  void names_are_utf8_whatever_the_locale() {
    node().startAgent();
    node().awaitReady();
    assertThat(node().cli("render").exit()).isZero();
    var names = Shell.must("find", root.resolve("var/lib/armory-agent/rendered").toString());
    assertThat(names.out()).contains("nderungen.txt");
    inConfig("bad\\377.yml");
    var sync = node().cli("sync");
    assertThat(sync.exit()).as(sync.err()).isZero();
    assertThat(node().cli("status").out()).contains("bad%FF.yml");
    assertThat(node().isReady()).isTrue();
  }

  @Test
  @Order(2)
  void a_half_written_overlay_is_not_rolled_out() {
    var before = node().containers();
    var half = "services:\n  deck:\n    environment:\n      SITE: half\n";
    node().write(OVERLAY, half);
    await()
        .during(Duration.ofSeconds(4))
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> node().containers().equals(before));
    node().write(OVERLAY, half + "      REST: written\n");
    await().atMost(90, TimeUnit.SECONDS).until(() -> environment().contains("REST=written"));
    node().awaitReady();
    assertThat(node().cli("events").out().lines().filter(l -> l.contains("rolling out")))
        .as("the first revision and the whole overlay")
        .hasSize(2);
  }

  @Test
  @Order(3)
  void a_container_paused_by_hand_is_left_alone_and_that_is_said() {
    await().until(() -> node().get("/health").json().path("phase").asText().equals("steady"));
    Shell.must("docker", "pause", node().container("deck"));
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> node().get("/health").body().contains("paused by hand"));
    assertThat(node().cli("status").out()).contains("paused by hand");
    assertThat(node().cli("restart", "deck").exit()).as("whoever asks has it resumed").isZero();
    node().awaitReady();
    andInMaintenance();
  }

  private static void andInMaintenance() {
    assertThat(node().cli("maintenance", "on", "--for", "5m").exit()).isZero();
    Shell.must("docker", "pause", node().container("deck"));
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> node().get("/health").body().contains("with the end of the maintenance"));
    var state = EngineSocket.container(node().container("deck")).path("State");
    assertThat(state.path("Paused").asBoolean()).isTrue();
    assertThat(node().cli("restart", "deck").exit()).isZero();
    assertThat(node().cli("maintenance", "off").exit()).isZero();
    node().awaitReady();
  }

  @Test
  @Order(4)
  void the_log_of_a_service_whose_driver_keeps_nothing_is_said_by_its_name() {
    node().write(OVERLAY, "services:\n  deck:\n    logging: {driver: none}\n");
    var sync = node().cli("sync");
    assertThat(sync.exit()).as(sync.err()).isZero();
    for (var asked : List.of(List.of("logs", "deck"), List.of("logs", "-f", "deck"))) {
      var logs = node().cli(asked.toArray(String[]::new));
      assertThat(logs.exit()).isEqualTo(1);
      assertThat(logs.err().lines())
          .singleElement()
          .asString()
          .contains("deck: its logging driver keeps nothing", "json-file")
          .doesNotContain(node().containerId("deck"));
    }
  }

  private static String environment() {
    return Shell.run(
            List.of("docker", "inspect", "-f", "{{.Config.Env}}", node().container("deck")))
        .out();
  }
}
