package io.armory.agent.adapter.docker;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// The contract on Podman 5.8, of Debian sid on trixie.
class Podman5IT extends OtherEngineContract {
  @SuppressWarnings("NullAway.Init")
  private static EngineNode node;

  @BeforeAll
  static void boot() {
    node = EngineNode.podman("trixie", RealEngine.IMAGE);
  }

  @AfterAll
  static void remove() {
    node.close();
  }

  Podman5IT() {
    super(node.socket());
  }
}
