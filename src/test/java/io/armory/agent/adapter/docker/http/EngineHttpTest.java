package io.armory.agent.adapter.docker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.armory.agent.adapter.docker.create.ContainerCalls;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whatever comes back instead of an engine's answer, a cause is named.
class EngineHttpTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "500 | '{\"message\":\"no space left on device\"}' | no space left on device",
        "500 | '' | HTTP status 500",
        "502 | '<html>bad gateway</html>' | HTTP status 502: <html>bad gateway</html>",
        "500 | '{\"message\":\"\"}' | HTTP status 500: {\"message\":\"\"}",
        "200 | '[{\"Id\": \"abc\", \"Na' | not JSON: Unexpected end-of-input in field name",
      })
  void what_is_no_answer_of_an_engine_is_named(int status, String body, String cause)
      throws Exception {
    var socket = directory.resolve("engine.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        var http = new EngineHttp(socket, 1)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().start(() -> answer(server, status, body));
      var failure = catchThrowable(() -> http.send("GET", "/containers/json", null));
      assertThat(failure).isInstanceOf(EngineException.class).hasMessageEndingWith(cause);
    }
  }

  /// The heap has 64 MiB, and ends the agent when it is full.
  @Test
  void an_answer_without_an_end_is_none() throws Exception {
    var socket = directory.resolve("engine.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        var http = new EngineHttp(socket, 1)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().start(() -> flood(server));
      var failure = catchThrowable(() -> http.send("GET", "/containers/json", null));
      assertThat(failure)
          .isInstanceOf(EngineException.class)
          .hasMessageEndingWith("answers /containers/json with more than 4 MiB");
    }
  }

  private static void flood(ServerSocketChannel server) {
    try (var client = server.accept()) {
      client.read(ByteBuffer.allocate(4096));
      client.write(ByteBuffer.wrap("HTTP/1.1 200 OK\r\n\r\n[".getBytes(StandardCharsets.US_ASCII)));
      while (true) {
        client.write(ByteBuffer.wrap(" ".repeat(100_000).getBytes(StandardCharsets.US_ASCII)));
      }
    } catch (IOException e) {
      // It has heard enough.
    }
  }

  /// As Podman 4 answers a call that it does not know: plain text, of Go's own.
  @Test
  void an_engine_that_cannot_change_a_restart_policy_is_told_from_a_missing_container()
      throws Exception {
    var set = new Action.SetRestartPolicy("gate", "x-gate-1", "abc", RestartPolicy.NO);
    assertThat(failureOf(set, "Not Found\n")).contains("cannot change a restart policy; Podman 5");
    assertThat(failureOf(set, "{\"message\":\"No such container: abc\"}"))
        .isEqualTo("No such container: abc");
  }

  private String failureOf(Action.SetRestartPolicy set, String body) throws Exception {
    var socket = directory.resolve("engine-" + body.length() + ".sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual()
          .start(() -> {
            answer(server, 200, "{\"ApiVersion\":\"1.41\"}");
            answer(server, 404, body);
          });
      var session = Session.open(socket);
      var failure = catchThrowable(() -> ContainerCalls.restartPolicy(session, set));
      session.retire();
      return String.valueOf(failure.getMessage());
    }
  }

  private static void answer(ServerSocketChannel server, int status, String body) {
    var text =
        "HTTP/1.1 %d x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(status, body.length(), body);
    try (var client = server.accept()) {
      client.read(ByteBuffer.allocate(8192));
      client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
