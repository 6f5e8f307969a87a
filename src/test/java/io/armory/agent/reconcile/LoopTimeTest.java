package io.armory.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopTimeTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private final List<Duration> told = new ArrayList<>();
  private Instant even = START;
  private Duration set = Duration.ZERO;

  /// Before the next reading of the clock the thread is kept from it for so long.
  private Duration stall = Duration.ZERO;

  private final LoopTime time = new LoopTime(this::clock, () -> even);

  private Instant clock() {
    even = even.plus(stall);
    stall = Duration.ZERO;
    return even.plus(set);
  }

  @Test
  void a_clock_that_is_set_is_told_by_how_much() {
    time.whenSet(told::add);
    set = Duration.ofHours(-1);
    assertThat(time.now()).isEqualTo(START.minus(Duration.ofHours(1)));
    assertThat(told).containsExactly(Duration.ofHours(-1));
  }

  @Test
  void a_thread_that_is_kept_from_reading_it_sets_no_clock() {
    time.whenSet(told::add);
    stall = Duration.ofSeconds(5);
    assertThat(time.now()).isEqualTo(START.plusSeconds(5));
    assertThat(time.now()).isEqualTo(START.plusSeconds(5));
    assertThat(told).isEmpty();
  }
}
