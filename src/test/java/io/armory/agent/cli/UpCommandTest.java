package io.armory.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.http.HttpFront;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.Environment;
import io.armory.agent.domain.Outcome;
import io.armory.agent.testing.FakeControl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `up` against a real control socket; the agent behind it is a fake that runs until what is
/// expected was printed.
class UpCommandTest {
  @TempDir Path home;

  private final FakeControl control = new FakeControl();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /// @param until what the agent runs for
  private int up(Path engine, String until, String... options) {
    control.next = CompletableFuture.completedFuture(Outcome.done("all 3 services are up"));
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    var environment =
        new Environment(Map.of("HOME", home.toString(), "DOCKER_HOST", "unix://" + engine));
    var arguments = new String[options.length + 1];
    arguments[0] = "up";
    System.arraycopy(options, 0, arguments, 1, options.length);
    return Cli.run(
        arguments,
        new Terminal(stream, stream, false, environment),
        new NothingLocal(),
        (config, _, _) -> agent(config, until));
  }

  private int agent(AgentConfig config, String until) {
    try (var front = HttpFront.open()) {
      front.serveControl(config.paths().controlSocket(), control, InstantSource.system());
      Awaitility.await().until(() -> out().contains(until));
    }
    return 0;
  }

  private Path engine() throws IOException {
    var socket = home.resolve("docker.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
    }
    return socket;
  }

  @Test
  void it_prints_where_deck_and_gate_are_and_keeps_its_files_apart() throws IOException {
    var socket = home.resolve("docker.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      var exit =
          up(
              socket,
              "removes it",
              "--deck-port=9180",
              "--host=box",
              "--health-port=5077",
              "-e",
              "SPINNAKER_RELEASE=2026.1.0");
      assertThat(exit).as(out()).isZero();
    }
    assertThat(out())
        .contains(
            "rolling out",
            "all 3 services are up",
            "deck    http://box:9180\n",
            "gate    http://box:8084\n",
            "status  http://box:5077\n",
            "leaves the stack running")
        .endsWith(
            "the stack runs on by itself; armory-agent --root %s up continues, and removes it at Ctrl-C with --rm\n"
                .formatted(home.resolve(".local/state/armory-agent")));
    var root = home.resolve(".local/state/armory-agent");
    assertThat(Files.readString(root.resolve("etc/armory-agent/agent.yaml")))
        .contains("role: standalone", "aws: off", "port: 5077");
    assertThat(Files.readAllLines(root.resolve("etc/armory-agent/env/evaluation.env")))
        .contains(
            "DECK_PUBLISHED_PORT=9180",
            "GATE_PUBLISHED_PORT=8084",
            "DECK_HOST=http://box:9180",
            "API_HOST=http://box:8084",
            "SPINNAKER_RELEASE=2026.1.0");
    // A parameter may be a password.
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(root.resolve("etc/armory-agent/env/evaluation.env"))))
        .isEqualTo("rw-------");
  }

  @Test
  void with_rm_the_stack_is_removed_when_the_agent_has_ended() throws IOException {
    var socket = home.resolve("docker.sock");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      assertThat(up(socket, "removes the stack", "--rm")).isZero();
    }
    assertThat(out()).endsWith("the stack is removed\n");
  }

  @Test
  void a_node_that_is_configured_there_is_not_written_over() throws IOException {
    var file = home.resolve(".local/state/armory-agent/etc/armory-agent/agent.yaml");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "project: ours\n");

    assertThat(up(engine(), "never")).isEqualTo(Exit.USAGE);

    assertThat(out()).contains(file + ": a node is configured here", "leave out --root");
    assertThat(Files.readString(file)).isEqualTo("project: ours\n");
  }

  @Test
  void what_it_wrote_itself_it_writes_again() throws IOException {
    var socket = engine();
    up(socket, "never", "--health-port=5077");

    up(socket, "never", "--health-port=5078");

    assertThat(home.resolve(".local/state/armory-agent/etc/armory-agent/agent.yaml"))
        .content()
        .contains("port: 5078");
  }

  @Test
  void without_docker_it_says_what_to_install() throws IOException {
    assertThat(up(engine(), "never")).isEqualTo(Exit.FAILED);
    assertThat(out()).contains("Docker does not answer at ", "apt install docker.io");
  }
}
