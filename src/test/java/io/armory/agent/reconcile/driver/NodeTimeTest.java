package io.armory.agent.reconcile.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.reconcile.ReconcilerClock.Tick;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class NodeTimeTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private Instant even = START;

  /// Before the next reading of the clock the thread is kept from it for so long.
  private Duration stall = Duration.ofSeconds(5);

  private Instant clock() {
    even = even.plus(stall);
    stall = Duration.ZERO;
    return even;
  }

  @Test
  void both_clocks_are_read_in_one_go() {
    var later = START.plusSeconds(5);
    assertThat(new NodeTime(this::clock, () -> even).read()).isEqualTo(new Tick(later, later));
  }
}
