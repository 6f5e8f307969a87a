package io.armory.agent.cli;

import io.armory.agent.config.AgentConfig;
import io.armory.agent.view.Json;
import java.util.stream.Collectors;

/// The agent's own settings with their origins.
final class SettingsList {
  private SettingsList() {}

  static String text(AgentConfig config) {
    return config.effective().stream()
        .map(s -> s.origin() + "\t" + s.key() + "=" + s.value() + "\n")
        .collect(Collectors.joining());
  }

  static String json(AgentConfig config) {
    return Json.array(
            config.effective(),
            (j, s) -> j.field("key", s.key()).field("value", s.value()).field("origin", s.origin()))
        + "\n";
  }
}
