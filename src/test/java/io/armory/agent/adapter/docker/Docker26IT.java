package io.armory.agent.adapter.docker;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The contract on Docker 26.1 (API 1.45), of Debian trixie.
class Docker26IT extends OtherEngineContract {
  @SuppressWarnings("NullAway.Init")
  private static EngineNode node;

  @BeforeAll
  static void boot() {
    node = EngineNode.docker("trixie", RealEngine.IMAGE);
  }

  @AfterAll
  static void remove() {
    node.close();
  }

  Docker26IT() {
    super(node.socket());
  }

  @Test
  void what_others_do_is_seen_by_a_glance() {
    whatOthersDoIsSeenByAGlance();
  }
}
