package io.armory.agent.adapter.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A real receiver, with everything that one may do.
@Timeout(60)
class WebhookTest {
  private static final String SECRET = "T0AAA-B0BBB-secretpart";
  private static final Alert ALERT =
      new Alert(
          Condition.DISK,
          false,
          "its disk fills up",
          "91 %",
          Instant.EPOCH,
          Instant.EPOCH,
          new Alert.Origin("i-1", "h", "s", "r", "1"));

  @TempDir Path dir;

  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private final List<String> types = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    server.createContext(
        "/",
        exchange -> {
          paths.add(exchange.getRequestURI().getPath());
          types.add(exchange.getRequestHeaders().getFirst("Content-Type"));
          bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
          var answer = ("ok " + SECRET).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, status == 204 ? -1 : answer.length);
          if (status != 204) {
            exchange.getResponseBody().write(answer);
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/services/" + SECRET;
  }

  private Webhook webhook(String url, Duration patience) {
    return new Webhook(
        new WebhookAddress(Optional.empty(), () -> Optional.of(url)),
        Optional.empty(),
        a -> "{\"text\":\"" + a.what() + "\"}",
        patience);
  }

  private static Failure failure(Outcome<String> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    var failure = ((Outcome.Failed<String>) outcome).failure();
    assertThat(failure.message()).doesNotContain(SECRET, "127.0.0.1", "/services");
    return failure;
  }

  private Failure failure(String url) {
    return failure(webhook(url, Duration.ofSeconds(20)).send(ALERT));
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 202, 204})
  void a_message_is_posted_as_json(int answer) {
    status = answer;
    assertThat(webhook(url(), Duration.ofSeconds(20)).send(ALERT))
        .isEqualTo(Outcome.done("HTTP " + answer));
    assertThat(bodies).containsExactly("{\"text\":\"its disk fills up\"}");
    assertThat(paths).containsExactly("/services/" + SECRET);
    assertThat(types).containsExactly("application/json; charset=utf-8");
  }

  @ParameterizedTest
  @CsvSource({
    "500, TRANSIENT", "503, TRANSIENT", "429, TRANSIENT", "408, TRANSIENT", "400, INVALID",
    "413, INVALID", "404, DENIED", "410, DENIED", "403, DENIED", "401, DENIED"
  })
  void an_answer_says_whether_it_is_worth_another_try(int answer, Kind kind) {
    status = answer;
    var failure = failure(url());
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.message()).isEqualTo("the receiver answers HTTP " + answer);
    assertThat(bodies).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void a_redirect_is_not_followed(int answer) {
    status = answer;
    assertThat(failure(url()).message()).contains("HTTP " + answer, "not followed");
    assertThat(paths).containsExactly("/services/" + SECRET);
  }

  private static String closed() throws IOException {
    try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + closed.getLocalPort() + "/" + SECRET;
    }
  }

  @Test
  void a_closed_port_is_refused() throws IOException {
    var failure = failure(closed());
    assertThat(failure)
        .isEqualTo(new Failure(Kind.UNREACHABLE, "the receiver refuses the connection"));
  }

  @Test
  void a_host_that_is_not_known_is_not_named() {
    assertThat(failure("https://" + SECRET + ".invalid/x").message())
        .isEqualTo("the receiver has a host name that is not known");
  }

  /// @param gone its client has closed the connection
  private record Mute(String url, AtomicBoolean gone) {}

  /// Accepts, says so much, and then nothing.
  private static Mute mute(String answer, boolean closes) throws IOException {
    var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    var gone = new AtomicBoolean();
    var _ =
        Thread.ofVirtual()
            .start(() -> {
              try (listener;
                  Socket client = listener.accept()) {
                client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                while (!closes && client.getInputStream().read() >= 0) {
                  // It hears the whole request.
                }
                gone.set(true);
              } catch (IOException e) {
                gone.set(true);
              }
            });
    return new Mute("http://127.0.0.1:" + listener.getLocalPort() + "/" + SECRET, gone);
  }

  @Test
  void one_that_hangs_is_left_in_time_and_its_connection_is_closed() throws IOException {
    var receiver = mute("", false);
    assertThat(failure(webhook(receiver.url(), Duration.ofMillis(300)).send(ALERT)).kind())
        .isEqualTo(Kind.TIMEOUT);
    await().untilTrue(receiver.gone());
  }

  @Test
  void one_that_never_ends_its_head_is_left_in_time() throws IOException {
    try (var listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var gone = new AtomicBoolean();
      var _ =
          Thread.ofVirtual()
              .start(() -> {
                try (var client = listener.accept()) {
                  client
                      .getOutputStream()
                      .write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.UTF_8));
                  while (true) {
                    client.getOutputStream().write("X-A: b\r\n".getBytes(StandardCharsets.UTF_8));
                    client.getOutputStream().flush();
                    Thread.yield();
                  }
                } catch (IOException e) {
                  gone.set(true);
                }
              });
      var url = "http://127.0.0.1:" + listener.getLocalPort() + "/" + SECRET;
      assertThat(failure(webhook(url, Duration.ofMillis(500)).send(ALERT)).kind().retryable())
          .isTrue();
      await().untilTrue(gone);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 2", "SSH-2.0-OpenSSH_9\r\n\r\n"})
  void one_that_hangs_up_or_speaks_no_http_is_tried_again(String answer) throws IOException {
    assertThat(failure(mute(answer, true).url()).kind().retryable()).isTrue();
  }

  @Test
  void nothing_but_its_reachability_is_asked_by_the_doctor() throws IOException {
    assertThat(webhook(url(), Duration.ofSeconds(20)).reach()).isInstanceOf(Outcome.Done.class);
    assertThat(bodies).isEmpty();
    assertThat(failure(webhook(closed(), Duration.ofSeconds(20)).reach()).kind())
        .isEqualTo(Kind.UNREACHABLE);
  }

  @Test
  void the_address_is_read_from_its_file_each_time() throws IOException {
    var file = dir.resolve("webhook-url");
    var webhook =
        new Webhook(
            new WebhookAddress(Optional.of(file), Optional::empty),
            Optional.empty(),
            _ -> "{}",
            Duration.ofSeconds(20));
    assertThat(webhook.isAddressed()).isTrue();
    assertThat(failure(webhook.send(ALERT)).message()).isEqualTo(file + " is not there");
    Files.writeString(file, url() + "\n");
    assertThat(webhook.send(ALERT)).isInstanceOf(Outcome.Done.class);
    Files.writeString(file, "x".repeat(5000));
    assertThat(failure(webhook.send(ALERT)).message())
        .isEqualTo(file + " is larger than 4096 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "T0AAA-B0BBB-secretpart",
        "ftp://h/T0AAA-B0BBB-secretpart",
        "https:///x",
        "file:///etc/passwd",
        "https://user:T0AAA-B0BBB-secretpart@h/",
        "https://h /x",
        ""
      })
  void what_is_no_address_is_said_without_repeating_it(String text) {
    assertThat(failure(text).message())
        .isEqualTo("parameter NOTIFY_WEBHOOK_URL holds no address such as https://HOST/PATH");
  }
}
