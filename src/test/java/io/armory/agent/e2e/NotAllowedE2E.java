package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.docker.FaultySocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// An agent that permissions count for: what it may not read, or may not ask, is unknown, and
/// nobody else's fault.
@Timeout(600)
class NotAllowedE2E {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /// Longer than `repair.window`, with something to spare.
  private static final Duration BEYOND_THE_WINDOW = Duration.ofSeconds(8);

  /// Root that may not pass over permissions.
  private static final List<String> UNPRIVILEGED =
      List.of("setpriv", "--bounding-set", "-dac_override,-dac_read_search");

  @TempDir static Path root;
  private static @Nullable Node started;
  private static @Nullable FaultySocket between;
  private static @Nullable Process agent;

  @BeforeAll
  static void up() {
    between = FaultySocket.before(EngineSocket.PATH, root.resolve("engine.sock"));
    var node = Node.inAws(root, "e2e-denied-" + ProcessHandle.current().pid(), Map.of());
    started = node;
    node.settings(
        "aws: off\nidentity: {stack: e2e, role: edge}\nparameters: {poll_interval: 1s}\n"
            // deck is killed again and again, and each repair waits twice as long as the one
            // before.
            + "repair: {window: 5s, backoff_initial: 200ms}\ndocker: {socket: "
            + root.resolve("engine.sock")
            + "}\n");
    node.write("etc/armory-agent/compose/roles/edge.yml", AwsFaultsE2E.role(node.deckPort));
    node.write(Node.OVERRIDE, overlay("one"));
    node.write("etc/armory-agent/config/settings-local.js", "// the site's\n");
    node.write(
        "etc/armory-agent/env/default.env",
        "SPINNAKER_REGISTRY=armory-standin\nSPINNAKER_RELEASE=dev\nSTACK_SUBNET=%s\n"
            .formatted(SmallStack.subnet()));
    startAgent();
    node.awaitReady();
  }

  private static void startAgent() {
    var command = new ArrayList<>(UNPRIVILEGED);
    command.addAll(Node.command("run"));
    agent = node().launch(root.resolve("agent.log"), command);
  }

  private static void stopAgent() throws InterruptedException {
    if (agent != null) {
      agent.destroy();
      agent.waitFor();
    }
  }

  private static String overlay(String site) {
    return "services: {deck: {environment: {SITE: %s}}}\n".formatted(site);
  }

  @AfterAll
  static void down() throws InterruptedException {
    stopAgent();
    if (started != null) {
      started.close();
    }
    if (between != null) {
      between.close();
    }
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  private static void permit(Path path, String mode) {
    try {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_socket_that_it_may_not_open_replaces_no_node() {
    var socket = root.resolve("engine.sock");
    permit(socket, "---------");
    try {
      // Those that are open stay open.
      await()
          .atMost(PATIENCE)
          .until(() -> {
            cut();
            return problems().contains("permission denied on " + socket);
          });
      Shell.must("docker", "kill", node().container("deck"));
      await()
          .during(BEYOND_THE_WINDOW)
          .atMost(PATIENCE)
          .until(() -> !node().get("/health").json().path("replace").path("holds").asBoolean(true));
    } finally {
      permit(socket, "rw-rw-rw-");
    }
    node().awaitReady();
  }

  private static void cut() {
    var socket = between;
    if (socket != null) {
      socket.cut();
    }
  }

  /// The first by itself, when the files have rested for 10 s; the others as soon as it is asked.
  @Test
  void a_file_that_it_may_not_read_changes_nothing_and_is_named() {
    node().awaitReady();
    var etc = root.resolve("etc/armory-agent");
    var asked = false;
    for (var path :
        List.of(
            etc.resolve("compose/docker-compose.override.yml"),
            etc.resolve("compose/roles/edge.yml"),
            etc.resolve("compose/roles"),
            etc.resolve("config/settings-local.js"),
            etc.resolve("config"),
            etc.resolve("env/default.env"),
            etc.resolve("env"))) {
      var before = node().containerId("deck");
      var mode = Files.isDirectory(path) ? "rwxr-xr-x" : "rw-r--r--";
      permit(path, "---------");
      try {
        if (asked) {
          assertThat(node().cli("sync").exit()).as("sync without " + path).isNotZero();
        }
        await().atMost(PATIENCE).until(() -> problems().contains(path.toString()));
        Shell.must("docker", "kill", node().container("deck"));
        await("cared for, without " + path)
            .atMost(PATIENCE)
            .until(() -> node().service("deck").path("state").asText().equals("up"));
        assertThat(node().containerId("deck")).as("not made anew for " + path).isEqualTo(before);
      } finally {
        permit(path, mode);
      }
      if (asked) {
        SmallStack.synced(node());
      }
      await().atMost(PATIENCE).until(() -> !problems().contains(path.toString()));
      asked = true;
    }
  }

  /// An agent that starts has never read it.
  @Test
  @EnabledIfSystemProperty(
      named = "armory.long",
      matches = "true",
      disabledReason = "./dev test --long")
  void nor_does_one_that_a_new_process_may_not_read() throws InterruptedException {
    node().awaitReady();
    await().until(() -> node().get("/health").json().path("phase").asText().equals("steady"));
    var etc = root.resolve("etc/armory-agent");
    for (var path :
        List.of(
            etc.resolve("config/settings-local.js"),
            etc.resolve("compose/docker-compose.override.yml"),
            etc.resolve("env/default.env"))) {
      var before = node().containerId("deck");
      stopAgent();
      permit(path, "---------");
      try {
        Shell.must("docker", "kill", node().container("deck"));
        startAgent();
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> problems().contains(path.toString()) && node().isReady());
        assertThat(node().containerId("deck")).as("not made anew for " + path).isEqualTo(before);
      } finally {
        permit(path, "rw-r--r--");
      }
      await().atMost(PATIENCE).until(() -> !problems().contains(path.toString()));
    }
  }

  private static String problems() {
    return node().get("/health").json().path("problems").toString();
  }
}
