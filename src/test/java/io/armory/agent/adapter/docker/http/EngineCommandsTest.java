package io.armory.agent.adapter.docker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.SyncDockerCmd;
import io.armory.agent.domain.Failure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// docker-java's commands say what the Engine API wants, and fail as raw requests do.
@Timeout(60)
class EngineCommandsTest {
  private static final String DONE = "HTTP/1.1 204 No Content\r\n\r\n";

  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

  @TempDir Path directory;

  @Test
  void a_command_is_one_request_in_the_version_agreed_on() throws Exception {
    assertThat(sent(DONE, docker -> docker.startContainerCmd("c1")))
        .startsWith("POST /v1.41/containers/c1/start HTTP");
    assertThat(sent(DONE, docker -> docker.stopContainerCmd("c1").withTimeout(30)))
        .startsWith("POST /v1.41/containers/c1/stop?t=30 HTTP");
    assertThat(sent(DONE, docker -> docker.renameContainerCmd("c1").withName("a b")))
        .startsWith("POST /v1.41/containers/c1/rename?name=a+b HTTP");
    assertThat(sent(DONE, docker -> docker.removeContainerCmd("c1").withRemoveVolumes(false)))
        .startsWith("DELETE /v1.41/containers/c1 HTTP");
  }

  @Test
  void what_is_so_already_is_done() throws Exception {
    assertThat(
            sent(
                "HTTP/1.1 304 Not Modified\r\n\r\n",
                docker -> docker.stopContainerCmd("c1").withTimeout(1)))
        .contains("/stop");
  }

  @Test
  void a_refusal_has_the_engines_words_and_its_kind() throws Exception {
    var refused = failed(with("404 Not Found", "{\"message\":\"No such container: c1\"}"));
    assertThat(refused.kind()).isEqualTo(Failure.Kind.NOT_FOUND);
    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused).hasMessage("No such container: c1");
  }

  @Test
  void an_engine_that_breaks_off_is_unreachable_and_to_blame() throws Exception {
    var broken = failed("");
    assertThat(broken.kind()).isEqualTo(Failure.Kind.UNREACHABLE);
    assertThat(broken.unread().blame()).isEqualTo(Failure.Blame.ENGINE);
  }

  @Test
  void an_answer_is_read() throws Exception {
    try (var engine = engine(with("201 Created", "{\"Id\":\"e1\",\"Warnings\":[]}"))) {
      var created = engine.commands.ask(docker -> docker.execCreateCmd("c1").withCmd("true"));
      assertThat(created.getId()).isEqualTo("e1");
      assertThat(engine.asked.join()).contains("\"Cmd\":[\"true\"]");
    }
  }

  @Test
  void a_volume_is_made_with_its_options_and_labels() throws Exception {
    try (var engine = engine(with("201 Created", "{\"Name\":\"v\"}"))) {
      var created =
          engine.commands.ask(docker ->
              docker
                  .createVolumeCmd()
                  .withName("v")
                  .withDriverOpts(Map.of("type", "nfs"))
                  .withLabels(Map.of("a", "b")));
      assertThat(created.getName()).isEqualTo("v");
      assertThat(engine.asked.join())
          .contains("\"DriverOpts\":{\"type\":\"nfs\"}", "\"Labels\":{\"a\":\"b\"}");
    }
  }

  private static String with(String status, String body) {
    return "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body);
  }

  private String sent(String answer, Function<DockerClient, SyncDockerCmd<Void>> command)
      throws Exception {
    try (var engine = engine(answer)) {
      engine.commands.run(command);
      return engine.asked.join();
    }
  }

  private EngineException failed(String answer) throws Exception {
    try (var engine = engine(answer)) {
      return catchThrowableOfType(
          EngineException.class,
          () -> engine.commands.run(docker -> docker.startContainerCmd("c1")));
    }
  }

  /// Answers one request.
  private record Engine(
      ServerSocketChannel server,
      EngineHttp http,
      EngineCommands commands,
      CompletableFuture<String> asked)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      http.close();
      server.close();
    }
  }

  private Engine engine(String answer) throws IOException {
    var socket = directory.resolve("engine-" + System.nanoTime() + ".sock");
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    var asked = new CompletableFuture<String>();
    var _ = Thread.ofVirtual().start(() -> answer(server, answer, asked));
    var http = new EngineHttp(socket, 1);
    return new Engine(server, http, new EngineCommands(http, 41), asked);
  }

  private static void answer(
      ServerSocketChannel server, String answer, CompletableFuture<String> asked) {
    try (var client = server.accept()) {
      var read = ByteBuffer.allocate(16 * 1024);
      var request = "";
      do {
        client.read(read);
        request = new String(read.array(), 0, read.position(), StandardCharsets.UTF_8);
      } while (!isWhole(request));
      asked.complete(request);
      client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      asked.completeExceptionally(e);
    }
  }

  private static boolean isWhole(String request) {
    var end = request.indexOf("\r\n\r\n");
    var length = LENGTH.matcher(request);
    return end > 0
        && request.length() - end - 4 >= (length.find() ? Integer.parseInt(length.group(1)) : 0);
  }
}
