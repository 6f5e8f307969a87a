package io.armory.agent.adapter.docker;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;

/// The contract on Podman 5.8, of Debian sid on trixie.
class Podman5IT extends OtherEngineContract {
  @SuppressWarnings("NullAway.Init")
  @AutoClose
  private static EngineNode node;

  @BeforeAll
  static void boot() {
    node = EngineNode.podman("trixie", RealEngine.IMAGE);
  }

  Podman5IT() {
    super(node.socket());
  }
}
