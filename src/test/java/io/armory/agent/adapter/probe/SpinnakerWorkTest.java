package io.armory.agent.adapter.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Workload.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class SpinnakerWorkTest {
  private final SpinnakerWork work = new SpinnakerWork();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile String body = "{}";
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /// In chunks, as Spring answers.
  private void answer(HttpExchange exchange) throws IOException {
    var sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(
        (exchange.getRequestMethod()
                + " "
                + exchange.getRequestURI()
                + " "
                + exchange.getRequestHeaders().getFirst("X-Spinnaker-User")
                + " "
                + sent)
            .strip());
    exchange.sendResponseHeaders(status, 0);
    exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
    exchange.close();
  }

  @Test
  void orca_is_told_to_take_no_more_and_by_whom() {
    assertThat(work.takeWork(at("orca"), false)).isInstanceOf(Outcome.Done.class);
    assertThat(asked)
        .containsExactly("POST /admin/instance/enabled armory-agent {\"enabled\":false}");
  }

  @Test
  void what_the_pool_that_handles_messages_has_in_hand_counts_and_no_other() {
    body =
        metrics(
            series("id", "cachedThreadPool", 5)
                + ","
                + series("id", "messageHandlerPool", 3)
                + ","
                + series("name", "messageHandlerPool", 7));
    assertThat(work.underWay(at("orca"))).isEqualTo(Outcome.done(3));
    assertThat(asked).containsExactly("GET /spectator/metrics armory-agent");
  }

  /// All that an orca tells is some 50 kB; an execution that waits is in nobody's hand.
  @Test
  void of_many_meters_the_newest_value_of_one_is_read() {
    var others = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      others.append(
          "\"some.other.meter.%d\":{\"kind\":\"Timer\",\"values\":[%s]},"
              .formatted(i, series("id", "messageHandlerPool", 1)));
    }
    var values = "[{\"t\":1,\"v\":4.0},{\"t\":2,\"v\":0.0}]";
    body =
        metrics(
                "{\"tags\":[{\"key\":\"id\",\"value\":\"messageHandlerPool\"}],\"values\":"
                    + values
                    + "}")
            .replace("{\"metrics\":{", "{\"metrics\":{" + others);
    assertThat(body.length()).isGreaterThan(50_000);
    assertThat(work.underWay(at("orca"))).isEqualTo(Outcome.done(0));
  }

  @Test
  void what_says_nothing_of_that_pool_says_nothing() {
    for (var nothing :
        List.of(
            series("id", "cachedThreadPool", 0),
            series("id", "messageHandlerPool", 0).replace("0.0", "\"NaN\""),
            "{\"tags\":[{\"key\":\"id\",\"value\":\"messageHandlerPool\"}],\"values\":[]}",
            "")) {
      body = metrics(nothing);
      assertThat(work.underWay(at("orca")).whyFailed())
          .as(nothing)
          .get()
          .satisfies(f -> assertThat(f.kind()).isEqualTo(Failure.Kind.NOT_FOUND))
          .satisfies(f -> assertThat(f.message()).contains("threadpool.activeCount"));
    }
  }

  @Test
  void an_orca_whose_meters_are_off_is_told_what_turns_them_on() {
    status = 404;
    assertThat(work.underWay(at("orca")).whyFailed())
        .get()
        .satisfies(f ->
            assertThat(f.message())
                .isEqualTo(
                    "orca /spectator/metrics answers 404; a file of its configuration must say"
                        + " spectator.webEndpoint.enabled: true"));
  }

  @Test
  void an_orca_without_the_path_or_the_meter_is_told_from_one_in_trouble() {
    status = 404;
    assertThat(kind(work.underWay(at("orca")))).isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(kind(work.takeWork(at("orca"), false))).isEqualTo(Failure.Kind.NOT_FOUND);
    status = 403;
    assertThat(kind(work.takeWork(at("orca"), false))).isEqualTo(Failure.Kind.DENIED);
    status = 503;
    assertThat(kind(work.underWay(at("orca")))).isEqualTo(Failure.Kind.TRANSIENT);
    status = 200;
    assertThat(kind(work.underWay(at("orca")))).isEqualTo(Failure.Kind.NOT_FOUND);
    body = "<html>";
    assertThat(kind(work.underWay(at("orca")))).isEqualTo(Failure.Kind.TRANSIENT);
  }

  @Test
  void one_that_is_gone_is_unreachable() {
    var endpoint = at("orca");
    server.stop(0);
    assertThat(kind(work.underWay(endpoint))).isEqualTo(Failure.Kind.UNREACHABLE);
  }

  /// Said at once, as what it is, not as an answer that takes too long.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "+OK\r\n",
        "HTTP/1.1 two hundred\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n{}",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: file:///etc/shadow\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
      })
  void one_that_answers_in_no_http_is_told_from_one_that_does_not_end(String answer)
      throws IOException {
    try (var other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var _ = Thread.ofVirtual().start(() -> sayOnce(other, answer));
      assertThat(work.underWay(new Endpoint("orca", "127.0.0.1", other.getLocalPort())))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              failed ->
                  assertThat(failed.failure().message())
                      .doesNotContain("within")
                      .hasSizeLessThan(200)
                      .doesNotMatch("(?s).*\\p{Cntrl}.*"));
    }
  }

  private static void sayOnce(ServerSocket server, String answer) {
    try (server) {
      while (true) {
        try (var client = server.accept()) {
          var _ = client.getInputStream().read(new byte[4096]);
          client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException e) {
      // Asked no more.
    }
  }

  /// Each byte comes in time for a read, and the answer never does: a drain has a deadline.
  @Test
  void one_whose_answer_dribbles_in_is_given_up() throws IOException {
    try (var slow = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var drip = Executors.newScheduledThreadPool(1)) {
      var _ = Thread.ofVirtual().start(() -> dribble(slow, drip));
      var began = System.nanoTime();

      var answer = work.underWay(new Endpoint("orca", "127.0.0.1", slow.getLocalPort()));

      assertThat(kind(answer)).isEqualTo(Failure.Kind.UNREACHABLE);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    }
  }

  private static void dribble(ServerSocket server, ScheduledExecutorService drip) {
    try {
      var client = server.accept();
      var out = client.getOutputStream();
      out.write("HTTP/1.1 200 OK\r\nX-Long: ".getBytes(StandardCharsets.US_ASCII));
      var _ =
          drip.scheduleAtFixedRate(
              () -> {
                try {
                  out.write('x');
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              0,
              200,
              TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void rosco_is_idle_or_bakes() {
    body = "{\"status\":\"RUNNING\"}";
    assertThat(work.underWay(at("rosco"))).isEqualTo(Outcome.done(1));
    body = "{\"status\":\"IDLE\"}";
    assertThat(work.underWay(at("rosco"))).isEqualTo(Outcome.done(0));
    assertThat(asked).allMatch(a -> a.startsWith("GET /status/instance"));
  }

  private Endpoint at(String service) {
    return new Endpoint(service, "127.0.0.1", server.getAddress().getPort());
  }

  private static Failure.Kind kind(Outcome<?> outcome) {
    return outcome.whyFailed().orElseThrow().kind();
  }

  private static String metrics(String series) {
    return "{\"metrics\":{\"threadpool.activeCount\":{\"kind\":\"Gauge\",\"values\":["
        + series
        + "]}}}";
  }

  private static String series(String key, String value, int count) {
    return "{\"tags\":[{\"key\":\"%s\",\"value\":\"%s\"}],\"values\":[{\"t\":1,\"v\":%d.0}]}"
        .formatted(key, value, count);
  }
}
