package io.armory.agent.reconcile.execute;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackoffsTest {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final RandomGenerator NO_JITTER = () -> 0L;
  private final Backoffs backoffs =
      new Backoffs(new Backoff(FIRST, Duration.ofMinutes(1)), NO_JITTER);
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /// @return how long the next attempt has to wait
  private Duration attempt(boolean excused) {
    backoffs.attempt(
        "gate", "it ended", new Backoffs.Mended(Backoffs.Sign.FELL, excused, now), now);
    var until = Objects.requireNonNull(backoffs.delays(now).get("gate")).until();
    var delay = Duration.between(now, until);
    now = until;
    return delay;
  }

  @Test
  void each_attempt_in_vain_doubles_the_wait() {
    assertThat(attempt(false)).isEqualTo(FIRST);
    assertThat(attempt(false)).isEqualTo(FIRST.multipliedBy(2));
    assertThat(attempt(false)).isEqualTo(FIRST.multipliedBy(4));
    assertThat(backoffs.attempts("gate")).isEqualTo(3);
  }

  @Test
  void one_that_was_ended_from_outside_was_not_in_vain() {
    attempt(false);
    assertThat(attempt(true)).isEqualTo(FIRST);
    assertThat(attempt(true)).isEqualTo(FIRST);
    assertThat(backoffs.attempts("gate")).isEqualTo(1);
    assertThat(attempt(false)).isEqualTo(FIRST.multipliedBy(2));
    assertThat(backoffs.attempts("gate")).isEqualTo(2);
  }

  @Test
  void the_definition_in_force_fell_only_when_it_was_tried_and_nobody_else_ended_it() {
    sign(Backoffs.Sign.NONE, false);
    sign(Backoffs.Sign.FIRST, false);
    sign(Backoffs.Sign.FELL, true);
    assertThat(fallen()).isZero();
    sign(Backoffs.Sign.FELL, false);
    assertThat(fallen()).isEqualTo(1);
  }

  @Test
  void a_first_start_that_the_engine_refuses_is_in_vain_when_it_is_tried_again() {
    sign(Backoffs.Sign.FIRST, false);
    backoffs.explain("gate", "not a directory");
    assertThat(fallen()).isZero();
    sign(Backoffs.Sign.FIRST, false);
    assertThat(fallen()).isEqualTo(1);
    backoffs.explain("gate", "not a directory");
    sign(Backoffs.Sign.NONE, false);
    assertThat(fallen()).isEqualTo(1);
  }

  private int fallen() {
    var fall = backoffs.falls().get("gate");
    return fall == null ? 0 : fall.times();
  }

  private void sign(Backoffs.Sign sign, boolean excused) {
    backoffs.attempt("gate", "it ended", new Backoffs.Mended(sign, excused, now), now);
  }

  /// On a full disk no replacement can be made, and its predecessor serves as well as ever.
  @Test
  void what_fails_while_the_service_is_well_waits_longer_each_time() {
    var wellSince = now.minus(Duration.ofHours(1));
    var last = Duration.ZERO;
    for (int i = 0; i < 10; i++) {
      backoffs.failed("gate", "no space left on device", now);
      backoffs.well("gate", wellSince, now);
      var until = Objects.requireNonNull(backoffs.delays(now).get("gate")).until();
      assertThat(Duration.between(now, until)).isGreaterThanOrEqualTo(last);
      last = Duration.between(now, until);
      now = until;
      backoffs.well("gate", wellSince, now);
    }
    assertThat(last).isEqualTo(Duration.ofMinutes(1));
    backoffs.well("gate", wellSince, now.plus(Duration.ofMinutes(2)));
    assertThat(backoffs.delays(now)).isEmpty();
  }

  /// It may be what takes the engine down.
  @Test
  void it_waits_longer_where_the_engine_goes_down_again_and_again() {
    for (int i = 0; i < 3; i++) {
      assertThat(attempt(true)).isEqualTo(FIRST);
    }
    assertThat(attempt(true)).isEqualTo(FIRST.multipliedBy(2));
    assertThat(attempt(true)).isEqualTo(FIRST.multipliedBy(4));
    assertThat(backoffs.attempts("gate")).isEqualTo(1);
  }
}
