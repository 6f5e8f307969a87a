package io.armory.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.HealthReport.Verdict;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SteadinessTest {
  private static final Instant T = Instant.parse("2026-08-01T12:00:00Z");
  private static final Verdict READY = new Verdict(true, "all up", T);
  private static final Verdict NOT = new Verdict(false, "gate is down", T);
  private static final Steadiness SHOWS_READY = new Steadiness(READY, null, false);

  @Test
  void a_blip_is_not_told() {
    var during = SHOWS_READY.then(NOT, false, at(0)).then(NOT, false, at(2));
    assertThat(during.shown().holds()).isTrue();
    assertThat(during.shown().reason()).contains("gate is down");
    var after = during.then(READY, false, at(3)).then(NOT, false, at(4));
    assertThat(after.shown().holds()).as("each blip is a new one").isTrue();
  }

  @Test
  void a_fall_that_lasts_is_told_with_the_instant_it_is_told() {
    var after = SHOWS_READY.then(NOT, false, at(0)).then(NOT, false, at(3));
    assertThat(after.shown()).isEqualTo(new Verdict(false, "gate is down", at(3)));
  }

  @Test
  void what_was_decided_counts_at_once() {
    assertThat(SHOWS_READY.then(NOT, true, at(0)).shown().holds()).isFalse();
  }

  @Test
  void a_rise_counts_at_once_after_a_time_of_readiness() {
    var fallen = SHOWS_READY.then(NOT, false, at(60)).then(NOT, false, at(63));
    assertThat(fallen.shown().holds()).isFalse();
    assertThat(fallen.then(READY, false, at(64)).shown())
        .isEqualTo(new Verdict(true, "all up", at(64)));
  }

  @Test
  void one_that_fell_as_soon_as_it_had_risen_is_watched_before_it_rises_again() {
    var fallen = SHOWS_READY.then(NOT, false, at(1)).then(NOT, false, at(4));
    assertThat(fallen.then(READY, false, at(5)).shown().holds()).isFalse();
    assertThat(fallen.then(READY, false, at(5)).then(READY, false, at(8)).shown())
        .isEqualTo(new Verdict(true, "all up", at(8)));
  }

  @Test
  void a_clock_that_is_set_back_meanwhile_makes_no_fall_wait_longer() {
    var during = SHOWS_READY.then(NOT, false, at(3600));
    var after = during.then(NOT, false, at(0)).then(NOT, false, at(3));
    assertThat(after.shown().holds()).isFalse();
  }

  private static Instant at(int second) {
    return T.plusSeconds(second);
  }
}
