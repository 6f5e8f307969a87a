package io.armory.agent.adapter.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever sits at the address of the Redis: the agent says that it is none, and goes on.
class BoundedRepliesTest {
  private static final Map<String, String> HOSTILE =
      Map.ofEntries(
          Map.entry("lists within lists", "*1\r\n".repeat(200_000)),
          Map.entry("lists within lists, a little", "*1\r\n".repeat(17) + "+PONG\r\n"),
          Map.entry("sets within maps", "%1\r\n~1\r\n".repeat(50_000)),
          Map.entry("a text of a gigabyte", "$1000000000\r\n"),
          Map.entry("a list of a thousand million", "*1000000000\r\n"),
          Map.entry("a map of a thousand million", "%1000000000\r\n"),
          Map.entry("a length that no number holds", "$99999999999999999999\r\n"),
          Map.entry("a length that is none", "$PONG\r\n"),
          Map.entry("a line without an end", "+" + "x".repeat(200_000)),
          Map.entry("a number", ":1\r\n"),
          Map.entry("an empty list", "*0\r\n"),
          Map.entry("a truth", "#t\r\n"),
          Map.entry("nothing", "$-1\r\n"),
          Map.entry("a page", "HTTP/1.1 400 Bad Request\r\n\r\n"),
          Map.entry("another word", "+PING\r\n"));

  @TestFactory
  Stream<DynamicTest> what_is_no_redis_is_said_and_ends_nothing() {
    return HOSTILE.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> isRefused(e.getValue())));
  }

  private static void isRefused(String answer) throws IOException {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var client = new RedisClient()) {
      Thread.ofVirtual().start(() -> serve(server, answer));
      var outcome =
          client.ask(
              new RemoteRedis(
                  "127.0.0.1",
                  server.getLocalPort(),
                  false,
                  "",
                  new Secret(""),
                  Optional.empty(),
                  Set.of(),
                  false));
      assertThat(outcome).isInstanceOf(Outcome.Failed.class);
      assertThat(outcome.whyFailed().orElseThrow().message())
          .containsAnyOf("is no Redis by its answer", "more than anything that was asked for")
          .hasSizeLessThan(300);
    }
  }

  private static void serve(ServerSocket server, String answer) {
    while (!server.isClosed()) {
      try (var socket = server.accept()) {
        var _ = socket.getInputStream().read(new byte[1024]);
        socket.getOutputStream().write(answer.getBytes(UTF_8));
        socket.getOutputStream().flush();
        var _ = socket.getInputStream().read();
      } catch (IOException e) {
        // The client has heard enough.
      }
    }
  }

  @Test
  void what_a_redis_answers_is_passed_on_as_it_is() throws IOException {
    var lines =
        List.of(
            "+PONG", "$4", "*1\r\n", "*2", "$-1", "*2", ":1", "-ERR no", "%1", "+a", ",1.5", "*0",
            "*-1", "+OK", "");
    var answer = String.join("\r\n", lines);
    try (var bounded =
        new BoundedReplies(
            new ByteArrayInputStream(answer.getBytes(UTF_8)), BoundedReplies.LONGEST_TEXT)) {
      assertThat(bounded.readAllBytes()).asString(UTF_8).isEqualTo(answer);
    }
  }

  /// Each read is in time, and the answer is not.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void an_answer_that_dribbles_is_none(boolean tls) throws IOException {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var client = new RedisClient()) {
      Thread.ofVirtual().start(() -> dribble(server));
      var began = System.nanoTime();
      var outcome =
          client.ask(
              new RemoteRedis(
                  "127.0.0.1",
                  server.getLocalPort(),
                  tls,
                  "",
                  new Secret(""),
                  Optional.empty(),
                  Set.of(),
                  false));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
      assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    }
  }

  private static void dribble(ServerSocket server) {
    while (!server.isClosed()) {
      try (var socket = server.accept()) {
        // Half a handshake's record, for whoever wants TLS; a line without an end for the rest.
        var first = socket.getInputStream().read() == 22 ? "\u0016\u0003\u0003\u0040\u0000" : "+";
        socket.getOutputStream().write(first.getBytes(ISO_8859_1));
        while (true) {
          LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
          socket.getOutputStream().write('x');
        }
      } catch (IOException e) {
        // It has heard enough.
      }
    }
  }
}
