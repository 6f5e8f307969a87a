package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A new user's first command, on real containers: from nothing to deck and gate, and away again.
class UpE2E {
  @TempDir Path root;

  @Test
  void from_nothing_to_deck_and_gate_and_away_at_ctrl_c() throws Exception {
    var project = "e2e-up-" + ProcessHandle.current().pid();
    var output = root.resolve("up.out");
    try (var node = new Node(root, project)) {
      Files.delete(root.resolve("etc/armory-agent/agent.yaml"));
      SmallStack.overlay(
          node,
          """
          services:
            clouddriver: {environment: {START_DELAY: 2s}}
            orca: {environment: {START_DELAY: 2s}}
            gate: {environment: {START_DELAY: 1s}}
          """);
      var up =
          node.launch(
              output,
              "up",
              "--rm",
              "-p",
              project,
              "--deck-port=" + node.deckPort,
              "--gate-port=" + node.gatePort,
              "--health-port=" + node.port,
              "-e",
              "STACK_SUBNET=" + SmallStack.subnet());
      Awaitility.await("what up prints")
          .atMost(3, TimeUnit.MINUTES)
          .until(() -> !up.isAlive() || Files.readString(output).contains("removes the stack"));
      var said = Files.readString(output);
      assertThat(said)
          .contains(
              "deck    http://localhost:" + node.deckPort,
              "gate    http://localhost:" + node.gatePort);
      assertThat(said).containsPattern("\\d of 10 services up, \\d+ s: ");
      assertThat(node.get("/health/ready").status()).as(said).isEqualTo(200);
      Shell.must("curl", "-fsS", "http://localhost:" + node.gatePort + "/health");
      assertThat(containers(project)).isNotEmpty();

      Shell.must("kill", "-INT", String.valueOf(up.pid()));
      assertThat(up.waitFor(2, TimeUnit.MINUTES)).isTrue();

      assertThat(Files.readString(output)).contains("the stack is removed");
      assertThat(containers(project)).isEmpty();
    }
  }

  private static String containers(String project) {
    var label = "label=com.docker.compose.project=" + project;
    return Shell.must("docker", "ps", "-aq", "--filter", label).trimmed();
  }
}
