package io.armory.agent.cli;

import io.armory.agent.domain.report.Check;
import io.armory.agent.view.Diagnosis;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What the running agent says is wrong with the node, before `doctor` looks for itself.
final class AgentsWord {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private AgentsWord() {}

  static List<Check> ask(ControlClient client) {
    try {
      return Diagnosis.read(client.get("/v1/doctor", Map.of(), PATIENCE));
    } catch (Refused e) {
      return List.of(unheard(e));
    }
  }

  /// Whether the node is ready cannot be told without the agent.
  private static Check unheard(Refused e) {
    return switch (e.exit()) {
      case Exit.NOT_RUNNING ->
          Check.advice(
              "ready",
              "not known: the agent is not running, so that nobody keeps the stack",
              "start it: systemctl start armory-agent");
      case Exit.NOT_ALLOWED -> Check.advice("ready", "not known: " + e.line(), "");
      default ->
          Check.wrong(
              "ready",
              "not known: " + e.line(),
              "see journalctl -u armory-agent; systemctl restart armory-agent");
    };
  }
}
