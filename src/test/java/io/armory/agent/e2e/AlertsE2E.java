package io.armory.agent.e2e;

import static io.armory.agent.e2e.SmallStack.synced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// People are told by a real receiver, or are told that they cannot be.
class AlertsE2E {
  private static final String SUBNET = SmallStack.subnet();
  private static final String SECRET = "B0PLANTED-webhook-secret";
  private static final List<JsonNode> GOT = new CopyOnWriteArrayList<>();
  private static volatile int status = 200;
  private static volatile CountDownLatch answers = new CountDownLatch(0);

  @TempDir static Path root;
  private static @Nullable Node started;
  private static @Nullable HttpServer receiver;

  @BeforeAll
  static void up() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    receiver = server;
    server.createContext(
        "/",
        exchange -> {
          var body = exchange.getRequestBody().readAllBytes();
          try {
            answers.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          if (status == 200 && exchange.getRequestURI().getPath().endsWith(SECRET)) {
            GOT.add(new ObjectMapper().readTree(body));
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    var file = root.resolve("etc/armory-agent/webhook-url");
    var node =
        SmallStack.node(
            root,
            "alerts",
            """
            rollout: {timeout: 10s, bake: 1s}
            drain: {load_balancer: 1s}
            notify: {not_ready: 1s, webhook: {url_file: %s, format: json}}
            """
                .formatted(file));
    started = node;
    node.write(
        "etc/armory-agent/webhook-url",
        "http://127.0.0.1:%d/services/%s\n".formatted(server.getAddress().getPort(), SECRET));
    SmallStack.parameters(node, SUBNET, "dev");
    node.startAgent();
    node.awaitReady();
  }

  @AfterAll
  static void down() {
    answers.countDown();
    if (started != null) {
      started.close();
    }
    if (receiver != null) {
      receiver.stop(0);
    }
  }

  @BeforeEach
  void reset() {
    status = 200;
    answers.countDown();
    SmallStack.parameters(node(), SUBNET, "dev");
    synced(node());
  }

  private static Node node() {
    assertThat(started).isNotNull();
    return started;
  }

  private static JsonNode told(String condition) {
    await().until(() -> GOT.stream().anyMatch(m -> m.path("condition").asText().equals(condition)));
    return GOT.stream()
        .filter(m -> m.path("condition").asText().equals(condition))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_release_that_fails_is_told_with_what_failed_and_nowhere_is_the_address()
      throws IOException {
    SmallStack.parameters(node(), SUBNET, "broken");
    assertThat(node().cli("sync").exit()).isEqualTo(1);

    var message = told("rollback");
    assertThat(message.path("state").asText()).isEqualTo("begun");
    assertThat(message.path("what").asText()).contains("failed, the last good one is run");
    assertThat(message.path("why").asText()).contains("front50");
    assertThat(message.path("stack").asText()).isEqualTo("e2e");
    assertThat(message.path("text").asText()).contains(message.path("why").asText());
    var metrics = node().get("/metrics").body();
    assertThat(metrics).contains("armory_revision_rejected 1.0");
    var report = node().get("/health").json().path("revision");
    assertThat(report.path("wanted").asText()).isNotEqualTo(report.path("id").asText());
    assertThat(metrics)
        .contains(
            "armory_revision_info{current=\"%s\",wanted=\"%s\"} 1"
                .formatted(report.path("id").asText(), report.path("wanted").asText()));

    for (var command : List.of("status", "events", "doctor", "config", "history")) {
      assertThat(node().cli(command).out()).as(command).doesNotContain(SECRET);
    }
    assertThat(node().cli("config", "--agent").out()).doesNotContain(SECRET);
    assertThat(node().logText()).doesNotContain(SECRET);
    try (var files = Files.walk(root)) {
      for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        if (!file.endsWith("webhook-url")) {
          assertThat(Files.readAllBytes(file))
              .as(file.toString())
              .asString(StandardCharsets.UTF_8)
              .doesNotContain(SECRET);
        }
      }
    }
  }

  @Test
  void a_receiver_that_fails_is_a_problem_and_the_node_serves_on_and_ends_at_once()
      throws IOException {
    status = 503;
    assertThat(node().cli("drain", "--timeout", "1s").exit()).isZero();
    await()
        .pollInterval(Duration.ofMillis(500))
        .until(() -> node().cli("status").out().contains("notify webhook"));
    assertThat(node().cli("start").exit()).isZero();
    node().awaitReady();
    var said = node().cli("status");
    assertThat(said.exit()).isZero();
    assertThat(said.out()).contains("notify webhook: the receiver answers HTTP 503");
    assertThat(node().cli("doctor").out()).contains("the receiver answers HTTP 503");

    answers = new CountDownLatch(1);
    node().stopAgent();
    assertThat(GOT).noneMatch(m -> m.path("condition").asText().equals("drain"));
    // What was not delivered is told by the next agent if it still holds; this drain does not.
    status = 200;
    answers.countDown();
    node().startAgent();
    node().awaitReady();
    // A busy machine's agent is ready by what was good before it has read the sources.
    await().until(() -> !problems().toString().contains("have not answered yet"));
    assertThat(problems()).isEmpty();
  }

  private static JsonNode problems() {
    return node().get("/health").json().path("problems");
  }

  @Test
  void a_drain_is_told_once_however_often_the_agent_starts() {
    assertThat(node().cli("drain", "--timeout", "1s").exit()).isZero();
    assertThat(told("drain").path("why").asText()).isNotEmpty();
    await().until(() -> Files.exists(root.resolve("var/lib/armory-agent/alerts")));
    node().stopAgent();
    GOT.clear();
    node().startAgent();
    await().until(() -> node().get("/health").json().path("lifecycle").has("drain"));
    SmallStack.parameters(node(), SUBNET, "dev");
    assertThat(node().cli("start").exit()).isZero();
    node().awaitReady();
    assertThat(GOT).noneMatch(m -> m.path("condition").asText().equals("drain"));
  }
}
