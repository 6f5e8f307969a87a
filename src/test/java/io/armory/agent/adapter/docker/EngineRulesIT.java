package io.armory.agent.adapter.docker;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The rules on the node's own engine. What every engine refuses is tried by default on Docker 28.5
/// alone ([EngineRules28IT]): it is 160 containers.
class EngineRulesIT extends EngineRulesContract {
  EngineRulesIT() {
    super(DockerEngine.DEFAULT_SOCKET);
  }

  @Test
  @EnabledIfSystemProperty(
      named = "armory.long",
      matches = "true",
      disabledReason = "./dev test --long")
  @Override
  void what_every_engine_refuses_is_refused_and_nothing_beside_it() {
    super.what_every_engine_refuses_is_refused_and_nothing_beside_it();
  }
}
