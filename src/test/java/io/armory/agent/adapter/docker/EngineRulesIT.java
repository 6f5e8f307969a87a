package io.armory.agent.adapter.docker;

/// The rules on the node's own engine.
class EngineRulesIT extends EngineRulesContract {
  EngineRulesIT() {
    super(DockerEngine.DEFAULT_SOCKET);
  }
}
