package io.armory.agent.adapter.docker;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The contract on Docker 26.1 (API 1.45), of Debian trixie.
class Docker26IT extends OtherEngineContract {
  @SuppressWarnings("NullAway.Init")
  @AutoClose
  private static EngineNode node;

  @BeforeAll
  static void boot() {
    node = EngineNode.docker("trixie", RealEngine.IMAGE);
  }

  Docker26IT() {
    super(node.socket());
  }

  @Test
  void what_others_do_is_seen_by_a_glance() {
    whatOthersDoIsSeenByAGlance();
  }
}
