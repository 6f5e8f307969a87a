package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.docker.http.EngineHttp;
import io.armory.agent.domain.Failure.Blame;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// An engine that cannot be read: by its own fault only where that is proven. The agent may not be
/// let in, or have no means left to ask.
class EngineUnreadTest {
  private static final Duration SOON = Duration.ofSeconds(3);

  @TempDir Path directory;

  private Observation.Unavailable look(Path socket) {
    var deadlines = new DockerEngine.Deadlines(SOON, SOON, SOON, SOON, SOON, SOON);
    try (var engine =
        DockerEngine.open(
            socket, RegistryCredentials.ANONYMOUS, deadlines, InstantSource.system())) {
      var seen = engine.observe(new Scope("p", Set.of(), Set.of(), Set.of()));
      assertThat(seen).isInstanceOf(Observation.Unavailable.class);
      return (Observation.Unavailable) seen;
    }
  }

  @Test
  void one_that_is_gone_is_its_own_fault() {
    assertThat(look(directory.resolve("none.sock")).why().blame()).isEqualTo(Blame.ENGINE);
  }

  @Test
  void one_that_has_left_its_socket_behind_is() throws IOException {
    var socket = directory.resolve("left.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(Files.exists(socket)).isTrue();
    assertThat(look(socket).why().blame()).isEqualTo(Blame.ENGINE);
  }

  @Test
  void one_that_lets_one_in_and_says_nothing_is() throws IOException {
    var socket = directory.resolve("silent.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      assertThat(look(socket).why().blame()).isEqualTo(Blame.ENGINE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"})
  void one_that_hangs_up_in_the_middle_is(String said) throws IOException {
    assertThat(answering(said).why().blame()).isEqualTo(Blame.ENGINE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "500 | '{\"message\":\"rpc error: code = Unavailable desc = containerd.sock\"}' | ENGINE",
        "500 | '{\"message\":\"something new\"}' | UNKNOWN",
        "502 | '<html>a proxy</html>' | UNKNOWN",
        "401 | '{\"message\":\"log in\"}' | UNKNOWN",
        "403 | '{\"message\":\"authorization denied by plugin\"}' | UNKNOWN",
        "404 | '{\"message\":\"page not found\"}' | UNKNOWN",
        "429 | '{\"message\":\"slower\"}' | UNKNOWN",
        "200 | 'no JSON' | UNKNOWN",
        "200 | '{\"ApiVersion\":\"1.12\"}' | UNKNOWN",
        "200 | '{\"ApiVersion\":\"1.99\",\"MinAPIVersion\":\"1.90\"}' | UNKNOWN",
      })
  void one_that_answers_is_only_where_it_says_so(int status, String body, Blame blame)
      throws IOException {
    var said =
        "HTTP/1.1 %d x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(status, body.length(), body);
    assertThat(answering(said).why().blame()).isEqualTo(blame);
  }

  /// What the kernel says to an agent that is itself at fault, or short of something.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Permission denied",
        "Operation not permitted",
        "Too many open files",
        "Too many open files in system",
        "Cannot allocate memory",
        "No buffer space available",
        "Not a directory",
        "Too many levels of symbolic links",
        "Protocol wrong type for socket",
        "Socket operation on non-socket",
        "Unix domain path too long",
        "Resource temporarily unavailable",
        "Invalid argument",
      })
  void the_agents_own_fault_is_nobody_elses(String said) {
    try (var http = new EngineHttp(directory.resolve("x.sock"), 1)) {
      var failure = http.unreachable(new RuntimeException(new SocketException(said)));
      assertThat(failure.unread().blame()).isEqualTo(Blame.UNKNOWN);
      assertThat(http.unreachable(new ClosedChannelException()).unread().blame())
          .isEqualTo(Blame.UNKNOWN);
    }
  }

  private Observation.Unavailable answering(String said) throws IOException {
    var socket = directory.resolve("engine.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().start(() -> answerAll(server, said));
      return look(socket);
    }
  }

  private static void answerAll(ServerSocketChannel server, String said) {
    try {
      while (true) {
        try (var client = server.accept()) {
          client.read(ByteBuffer.allocate(8192));
          client.write(ByteBuffer.wrap(said.getBytes(StandardCharsets.UTF_8)));
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }
}
