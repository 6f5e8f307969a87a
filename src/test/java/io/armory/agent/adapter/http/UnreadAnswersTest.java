package io.armory.agent.adapter.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.http.HttpFront.HealthSources;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.testing.Reports;
import io.armory.agent.view.ReportJson.Audience;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that ask and do not read.
class UnreadAnswersTest {
  private static final int CLIENTS = 40;
  private static final int EACH = 2_000;

  private final AtomicInteger asked = new AtomicInteger();
  private final HealthReport report = Reports.troubled(Reports.NOW);
  private final HttpFront front = HttpFront.open();
  private final List<RawHttp> open = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (var http : open) {
      http.close();
    }
    front.close();
  }

  private int serve() {
    var sources =
        new HealthSources(
            () -> {
              asked.incrementAndGet();
              return report;
            },
            report -> report,
            new Metrics(),
            () -> Reports.NOW);
    var file = Path.of("/etc/armory-agent/agent.yaml");
    return switch (front.serveHealth("127.0.0.1", 0, file, sources)) {
      case Outcome.Done<Integer>(var port) -> port;
      case Outcome.Failed<Integer>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  private RawHttp client(int port) throws IOException {
    var http = new RawHttp(port);
    open.add(http);
    return http;
  }

  /// Writing ends by itself only where the server goes on reading.
  private static CompletableFuture<Void> flood(RawHttp http, String path) {
    var requests = ("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").repeat(EACH);
    return CompletableFuture.runAsync(
        () -> {
          try {
            http.say(requests);
          } catch (IOException e) {
            // Given up by the server, or by the end of the test.
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health", "/metrics"})
  void the_next_request_waits_for_the_last_answer_to_be_read_and_others_for_nothing(String path)
      throws Exception {
    var port = serve();
    for (var i = 0; i < CLIENTS; i++) {
      var _ = flood(client(port), path);
    }
    await().until(() -> asked.get() > CLIENTS);
    var slowest = Duration.ZERO;
    for (var i = 0; i < 50; i++) {
      var started = System.nanoTime();
      try (var http = new RawHttp(port)) {
        assertThat(http.say("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n").answer())
            .startsWith("HTTP/1.1 503 ");
      }
      var took = Duration.ofNanos(System.nanoTime() - started);
      slowest = took.compareTo(slowest) > 0 ? took : slowest;
    }
    assertThat(slowest).as("a load balancer waits so long").isLessThan(Duration.ofSeconds(3));
    await().during(300, TimeUnit.MILLISECONDS).until(() -> asked.get() < CLIENTS * EACH / 2);
  }

  @Test
  void who_reads_gets_all_that_was_asked_in_its_order() throws Exception {
    var http = client(serve());
    var _ = flood(http, "/health/live");
    for (var i = 0; i < EACH; i++) {
      assertThat(http.answer()).startsWith("HTTP/1.1 200 OK").endsWith("}\n");
    }
  }

  @Test
  void metrics_are_put_into_bytes_once_for_a_report() {
    var answers = new HealthAnswers(() -> report, r -> r, () -> Reports.NOW, Audience.PUBLIC);
    var scraped = new AtomicInteger();
    for (var i = 0; i < 10; i++) {
      var _ = answers.current().metrics(_ -> "scrape " + scraped.incrementAndGet());
    }
    assertThat(scraped).hasValue(1);
  }

  @Test
  void all_unread_answers_together_are_bounded_and_the_longest_unread_is_given_up()
      throws Exception {
    var vertx = Vertx.vertx();
    var most = new AtomicLong();
    var large = Buffer.buffer(new byte[1024 * 1024]);
    var connections = new Connections(vertx);
    try {
      var port =
          vertx
              .createHttpServer(HealthServer.options())
              .connectionHandler(connections::opened)
              .requestHandler(request ->
                  connections.inTurn(
                      request,
                      r -> {
                        asked.incrementAndGet();
                        var sent = r.response().end(large);
                        connections.answered(r.connection(), sent, large.length());
                        most.accumulateAndGet(connections.unread(), Math::max);
                      }))
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(5, TimeUnit.SECONDS)
              .actualPort();
      for (var i = 0; i < 12; i++) {
        client(port).say("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3));
      }
      await().until(() -> asked.get() == 12);
      assertThat(most.get()).isGreaterThan(Connections.MOST_UNREAD / 2);
      var whole = 0;
      for (var http : open) {
        whole += http.answerOrNothing().length() > large.length() ? 1 : 0;
        http.close();
      }
      assertThat(whole).as("as many as there is room for").isEqualTo(4);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Host: a\r\nHost: b\r\n",
        "Host: a\r\nhost: a\r\n",
        "Host: a b\r\n",
        "Host: a/b\r\n",
        "Host: user@a\r\n",
        "Host: a, b\r\n",
        "Host: a?b\r\n",
        "Host: a\r\n b\r\n",
        "Host: http://a\r\n",
      })
  void a_request_without_exactly_one_host_is_refused(String headers) throws Exception {
    var http = client(serve());
    http.say("GET /health/ready HTTP/1.1\r\n" + headers + "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
    var all = http.all();
    assertThat(all).startsWith("HTTP/1.1 400 ").contains("connection: close");
    assertThat(all.split("HTTP/1.1 ", -1)).as("what follows is not answered").hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "node-1.internal:5000", "[::1]:5000", "10.0.0.1", ""})
  void one_host_is_enough(String host) throws Exception {
    var http = client(serve());
    http.say("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    assertThat(http.answer()).startsWith("HTTP/1.1 200 ");
  }
}
