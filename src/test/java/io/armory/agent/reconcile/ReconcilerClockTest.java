package io.armory.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.reconcile.ReconcilerClock.Tick;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReconcilerClockTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private final List<Duration> told = new ArrayList<>();
  private final Effects effects = new Effects();
  private final ReconcilerClock time = new ReconcilerClock(new Tick(START, START), effects);

  @Test
  void a_clock_that_is_set_is_told_by_how_much() {
    time.whenSet(told::add);
    time.advance(new Tick(START.minus(Duration.ofHours(1)), START));
    assertThat(time.now()).isEqualTo(START.minus(Duration.ofHours(1)));
    assertThat(told).containsExactly(Duration.ofHours(-1));
    assertThat(effects.drain())
        .containsExactly(new Effect.Log(Effect.Severity.WARN, "the clock was set back by 3600 s"));
  }

  @Test
  void time_that_passes_sets_no_clock() {
    time.whenSet(told::add);
    var later = START.plusSeconds(10);
    time.advance(new Tick(later, later));
    assertThat(time.now()).isEqualTo(later);
    assertThat(told).isEmpty();
    assertThat(effects.drain()).isEmpty();
  }

  @Test
  void an_agent_that_stood_still_is_told_of_it() {
    var until = new ArrayList<Instant>();
    time.whenSet(told::add);
    time.whenStoodStill(until::add);
    var later = START.plusSeconds(3600);
    time.advance(new Tick(later, later));
    assertThat(until).containsExactly(later);
    assertThat(told).isEmpty();
    assertThat(effects.drain())
        .containsExactly(new Effect.Log(Effect.Severity.WARN, "stood still for 3600 s"));
  }
}
