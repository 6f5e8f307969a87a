package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bad input gets one clear line: what, where, what to do; and the documented exit code.
class BadInputE2E {
  @TempDir Path root;
  private Node node;

  @BeforeEach
  void make() {
    node = new Node(root, "e2e-bad-" + ProcessHandle.current().pid());
  }

  @AfterEach
  void remove() {
    node.close();
  }

  @Test
  void an_unknown_key_of_agent_yaml_is_named_with_its_line() {
    node.write("etc/armory-agent/agent.yaml", "aws: off\nidentitty:\n  role: standalone\n");
    var run = node.cli("run");
    assertThat(run.exit()).isEqualTo(78);
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .contains("agent.yaml:2", "identitty", "did you mean identity");
  }

  @Test
  void a_variable_that_must_be_set_is_named_with_file_and_line_and_nothing_is_touched() {
    node.write(
        Node.OVERRIDE, "services:\n  gate:\n    environment:\n      X: ${SITE_THING:?say which}\n");
    var validate = node.cli("validate");
    assertThat(validate.exit()).isEqualTo(2);
    assertThat(validate.err().lines())
        .singleElement()
        .asString()
        .contains("docker-compose.override.yml:4", "SITE_THING", "say which");
    node.startAgent();
    await().until(() -> node.get("/health/ready").body().contains("SITE_THING"));
    var status = node.cli("status");
    assertThat(status.exit()).isEqualTo(1);
    assertThat(status.out()).contains("SITE_THING");
    assertThat(node.containers()).isEmpty();
    assertThat(node.logText()).contains("docker-compose.override.yml:4");
  }

  /// What would exit in a container is said before there is one, by whichever command is asked.
  @ParameterizedTest
  @CsvSource({"validate, 2", "render, 2", "doctor, 1"})
  void redis_with_a_release_that_does_not_start_on_it_is_refused_in_one_sentence(
      String command, int exit) {
    node.write(
        "etc/armory-agent/env/default.env", "SPINNAKER_RELEASE=2026.2.3\nFRONT50_STORE=redis\n");
    var run = node.cli(command);
    assertThat(run.exit()).isEqualTo(exit);
    assertThat((run.out() + run.err()).lines())
        .filteredOn(l -> l.contains("front50"))
        .singleElement()
        .asString()
        .contains(
            "default.env:2: front50 2026.2.3 does not start with FRONT50_STORE=redis; use sql or"
                + " s3");
  }

  @Test
  void a_missing_engine_is_said_and_waited_for() {
    node.write(
        "etc/armory-agent/agent.yaml",
        node.read("etc/armory-agent/agent.yaml") + "docker:\n  socket: /nonexistent/docker.sock\n");
    node.startAgent();
    await().until(() -> node.get("/health/ready").body().contains("no Docker Engine at"));
    assertThat(node.get("/health/live").status()).isEqualTo(200);
    var status = node.cli("status");
    assertThat(status.exit()).isEqualTo(1);
    assertThat(status.out()).contains("/nonexistent/docker.sock");
  }

  @Test
  void a_taken_port_is_named() throws IOException {
    try (var taken = new ServerSocket(node.port, 1, InetAddress.getLoopbackAddress())) {
      var run = node.cli("run");
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err().lines())
          .filteredOn(l -> !l.isBlank())
          .singleElement()
          .asString()
          .contains("port " + taken.getLocalPort() + " is taken", "http.port");
    }
  }

  @Test
  void a_client_without_an_agent_says_so() {
    var status = node.cli("status");
    assertThat(status.exit()).isEqualTo(3);
    assertThat(status.err().lines()).singleElement().asString().contains("not running");
  }

  /// In the launcher's heap, a quarter of what they may take.
  @Test
  void hostile_files_are_refused_by_the_command_itself() throws IOException {
    var bomb = new StringBuilder("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 0; i < 9; i++) {
      var alias = "*a" + i;
      bomb.append("x-%d: &a%d [%s]\n".formatted(i + 1, i + 1, (alias + ",").repeat(9) + alias));
    }
    node.write("bomb.yml", bomb.toString());
    node.write("deep.yml", "x-a: " + "[".repeat(10_000) + "]".repeat(10_000));
    var large = root.resolve("large.yml");
    Files.writeString(large, "services: {a: {image: i}}\n" + "# padding\n".repeat(10_000_000));
    var expected =
        Map.of("bomb.yml", "aliases", "deep.yml", "nested deeper", "large.yml", "too large");
    expected.forEach((file, word) -> {
      var refused = node.cli("validate", "-f", root.resolve(file).toString());
      assertThat(refused.exit()).as(file).isEqualTo(2);
      assertThat(refused.err().lines()).singleElement().asString().contains(file, word);
    });
  }
}
