package io.armory.agent.adapter.docker;

import java.nio.file.Path;
import java.util.Optional;

/// The rules on Docker 28.5.
class EngineRules28IT extends EngineRulesContract {
  EngineRules28IT() {
    super(
        Path.of(
            Optional.ofNullable(System.getenv("ENGINE_28"))
                .orElse("/run/armory-engine-28/docker.sock")));
  }
}
