package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// No cure that is worse than the illness, and nobody blamed for what is not his: on real parts.
@Timeout(600)
class JudgementE2E {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /// Longer than `repair.window`, with something to spare.
  private static final Duration BEYOND_THE_WINDOW = Duration.ofSeconds(8);

  private static final String SLOW_REDIS =
      "redis: {command: !override [redis-server, --appendonly, 'yes', --rdbcompression, 'no',"
          + " --key-load-delay, '20000', --loading-process-events-interval-bytes, '1024']}";

  @TempDir static Path root;
  private static @Nullable Node started;

  @BeforeAll
  static void up() {
    var node =
        SmallStack.node(
            root,
            "judgement",
            "repair: {window: 5s, backoff_initial: 200ms}\nparameters: {poll_interval: 1s}");
    started = node;
    SmallStack.parameters(node, SmallStack.subnet(), "dev");
    SmallStack.overlay(node, "services: {" + SLOW_REDIS + "}\n");
    node.startAgent();
    node.awaitReady();
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
  }

  @Test
  void a_redis_that_loads_is_left_to_load_and_ready_by_itself() {
    node().awaitReady();
    redis("eval", "for i=1,1000 do redis.call('set','k'..i,string.rep('x',1500)) end", "0");
    redis("bgrewriteaof");
    await()
        .atMost(PATIENCE)
        .until(() -> redis("info", "persistence").contains("aof_rewrite_in_progress:0"));
    var others = othersLives();

    Shell.must("docker", "kill", node().container("redis"));
    await()
        .atMost(PATIENCE)
        .until(() -> reason("redis").matches("loads its data: [0-9.]+ %, [0-9]+ s to go"));
    var loading = life("redis");
    await("what lasts a moment only makes no node unready").until(() -> !node().isReady());
    assertThat(node().service("redis").path("state").asText()).isEqualTo("starting");

    await()
        .atMost(PATIENCE)
        .until(() -> node().service("redis").path("state").asText().equals("up"));
    node().awaitReady();
    assertThat(life("redis")).as("it was not restarted").isEqualTo(loading);
    assertThat(othersLives()).as("nor was anybody who needs it").isEqualTo(others);
  }

  @Test
  void a_mistyped_image_is_the_revisions_fault_and_what_runs_is_cared_for() {
    node().awaitReady();
    var gate = life("gate");
    for (var image : List.of("Foo/Gate:x", "armory-standin /gate:dev", "foo/gate:x\\n")) {
      SmallStack.overlay(
          node(), "services: {%s, gate: {image: \"%s\"}}\n".formatted(SLOW_REDIS, image));
      var sync = node().cli("sync");
      assertThat(sync.exit()).as(sync.out() + sync.err()).isNotZero();
      assertThat(sync.out() + sync.err()).contains(image.strip().substring(0, 8));
      assertThat(engineIsRead()).isTrue();

      Shell.must("docker", "kill", node().container("orca"));
      await()
          .atMost(PATIENCE)
          .until(() -> node().service("orca").path("state").asText().equals("up"));
      assertNobodyIsToBeReplaced();
      assertThat(life("gate")).isEqualTo(gate);
    }
    SmallStack.overlay(node(), "services: {" + SLOW_REDIS + "}\n");
    SmallStack.synced(node());
  }

  @Test
  void a_log_collector_that_is_away_replaces_no_node() throws IOException {
    node().awaitReady();
    var port = FreePort.next();
    var collector = new Collector(port);
    try {
      SmallStack.overlay(
          node(),
          """
          services:
            %s
            gate: {logging: {driver: fluentd, options: {fluentd-address: "127.0.0.1:%d"}}}
          """
              .formatted(SLOW_REDIS, port));
      SmallStack.synced(node());

      collector.close();
      Shell.must("docker", "kill", node().container("gate"));
      await()
          .atMost(PATIENCE)
          .until(() -> node().get("/health").body().contains("connection refused"));
      assertNobodyIsToBeReplaced();
      assertThat(engineIsRead()).isTrue();

      collector = new Collector(port);
      node().awaitReady();
    } finally {
      collector.close();
      SmallStack.overlay(node(), "services: {" + SLOW_REDIS + "}\n");
      node().cli("sync");
    }
  }

  /// For longer than the window in which repair must work.
  private static void assertNobodyIsToBeReplaced() {
    await()
        .during(BEYOND_THE_WINDOW)
        .atMost(PATIENCE)
        .until(() -> !node().get("/health").json().path("replace").path("holds").asBoolean(true));
  }

  /// Takes what a log driver sends.
  private static final class Collector implements AutoCloseable {
    private final ServerSocket server;
    private final List<Socket> clients = new ArrayList<>();

    Collector(int port) throws IOException {
      server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
      var _ = Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
      try {
        while (!server.isClosed()) {
          var client = server.accept();
          synchronized (clients) {
            clients.add(client);
          }
          var _ = Thread.ofVirtual().start(() -> drain(client));
        }
      } catch (IOException e) {
        // It was closed.
      }
    }

    private static void drain(Socket client) {
      try {
        client.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
      } catch (IOException e) {
        // It was closed.
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      synchronized (clients) {
        for (var client : clients) {
          client.close();
        }
      }
    }
  }

  private static boolean engineIsRead() {
    return node().get("/health").json().path("engine").path("reachable").asBoolean();
  }

  private static String reason(String service) {
    return node().service(service).path("reason").asText();
  }

  private static String redis(String... words) {
    var command =
        new ArrayList<>(List.of("docker", "exec", node().container("redis"), "redis-cli"));
    command.addAll(List.of(words));
    return Shell.must(command.toArray(String[]::new)).out();
  }

  private static String life(String service) {
    return Objects.requireNonNull(SmallStack.lives(node()).get(node().container(service)));
  }

  private static List<String> othersLives() {
    return List.of(life("front50"), life("orca"), life("gate"));
  }

  private static Node node() {
    return Objects.requireNonNull(started, "the node was not started");
  }
}
