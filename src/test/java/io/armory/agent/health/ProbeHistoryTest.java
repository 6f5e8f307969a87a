package io.armory.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.ContainerHealth.Verdict;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.stack.ProbeSpec;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProbeHistoryTest {
  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration START_PERIOD = Duration.ofSeconds(30);
  private static final ProbeSpec SPEC =
      new ProbeSpec(
          new ProbeSpec.Tcp(80), Duration.ofSeconds(5), Duration.ofSeconds(1), START_PERIOD, 3, 2);

  private ProbeHistory history = ProbeHistory.begin(START, START);

  @Test
  void a_container_that_was_not_asked_yet_is_starting() {
    assertThat(history.health().verdict()).isEqualTo(Verdict.STARTING);
    assertThat(history.health().since()).isEqualTo(START);
    assertThat(history.health().answered()).isFalse();
  }

  @Test
  void the_first_good_answer_ends_the_start() {
    well(4);
    assertThat(history.health().verdict()).isEqualTo(Verdict.HEALTHY);
    assertThat(history.health().since()).isEqualTo(START.plusSeconds(4));
    well(9);
    assertThat(history.health().since()).isEqualTo(START.plusSeconds(4));
  }

  @Test
  void failures_in_the_start_period_do_not_count() {
    for (int second = 1; second < 30; second++) {
      fails(second);
    }
    assertThat(history.health().verdict()).isEqualTo(Verdict.STARTING);
    assertThat(history.health().reason()).isEqualTo("connection refused");
    assertThat(history.failures()).isZero();
  }

  @Test
  void what_started_before_the_clock_was_set_back_has_its_start_period_and_no_more() {
    history = ProbeHistory.begin(START.plusSeconds(3600), START.plusSeconds(3600));
    fails(0);
    assertThat(history.health().since()).isEqualTo(START);
    fails(29);
    assertThat(history.failures()).isZero();
    unhealthyAt(40);
    assertThat(history.health().verdict()).isEqualTo(Verdict.UNHEALTHY);
  }

  @Test
  void failures_after_the_start_period_count_up_to_the_threshold() {
    fails(30);
    fails(35);
    assertThat(history.health().verdict()).isEqualTo(Verdict.STARTING);
    fails(40);
    assertThat(history.health().verdict()).isEqualTo(Verdict.UNHEALTHY);
    assertThat(history.health().since()).isEqualTo(START.plusSeconds(40));
    assertThat(history.health().reason()).isEqualTo("connection refused, 3 times in a row");
  }

  @Test
  void failures_count_in_the_start_period_once_it_was_healthy() {
    well(2);
    fails(5);
    fails(6);
    assertThat(history.health().verdict()).isEqualTo(Verdict.HEALTHY);
    fails(7);
    assertThat(history.health().verdict()).isEqualTo(Verdict.UNHEALTHY);
  }

  @Test
  void a_good_answer_in_between_begins_the_count_anew() {
    well(2);
    fails(40);
    fails(45);
    well(50);
    fails(55);
    fails(60);
    assertThat(history.health().verdict()).isEqualTo(Verdict.HEALTHY);
  }

  @Test
  void an_unhealthy_one_is_well_again_after_as_many_good_answers_as_asked_for() {
    unhealthyAt(42);
    well(45);
    assertThat(history.health().verdict()).isEqualTo(Verdict.UNHEALTHY);
    assertThat(history.health().reason()).isEqualTo("200, well 1 of 2 times");
    assertThat(history.health().since()).isEqualTo(START.plusSeconds(42));
    well(50);
    assertThat(history.health().verdict()).isEqualTo(Verdict.HEALTHY);
    assertThat(history.health().since()).isEqualTo(START.plusSeconds(50));
  }

  @Test
  void good_answers_that_make_it_well_are_in_a_row() {
    unhealthyAt(42);
    well(45);
    fails(50);
    well(55);
    assertThat(history.health().verdict()).isEqualTo(Verdict.UNHEALTHY);
  }

  @Test
  void an_answer_that_says_no_is_an_answer_and_silence_is_none() {
    history =
        history.after(new ProbeResult(false, true, "answers 503", Duration.ZERO), SPEC, START);
    assertThat(history.health().answered()).isTrue();
    fails(1);
    assertThat(history.health().answered()).isFalse();
  }

  private void unhealthyAt(int second) {
    fails(second - 2);
    fails(second - 1);
    fails(second);
  }

  private void well(int second) {
    history =
        history.after(
            new ProbeResult(true, true, "200", Duration.ZERO), SPEC, START.plusSeconds(second));
  }

  private void fails(int second) {
    history =
        history.after(
            new ProbeResult(false, false, "connection refused", Duration.ZERO),
            SPEC,
            START.plusSeconds(second));
  }

  @Test
  void what_says_that_it_loads_is_starting_however_long_that_takes() {
    for (int second = 1; second < 2000; second += 5) {
      hears(ProbeResult.Standing.STARTING, "loads its data: 3 %", second);
    }
    assertThat(history.health().verdict()).isEqualTo(Verdict.STARTING);
    assertThat(history.health().reason()).isEqualTo("loads its data: 3 %");
    assertThat(history.failures()).isZero();
    well(2001);
    assertThat(history.health().verdict()).isEqualTo(Verdict.HEALTHY);
  }

  @Test
  void what_says_what_ails_it_is_not_well_and_never_to_be_restarted() {
    well(1);
    for (int second = 2; second < 2000; second += 5) {
      hears(ProbeResult.Standing.AILING, "its disk is full", second);
    }
    assertThat(history.health().verdict()).isEqualTo(Verdict.AILING);
    assertThat(history.health().unhealthy()).isTrue();
    assertThat(history.health().wantsRestart()).isFalse();
    assertThat(history.health().since()).isEqualTo(START.plusSeconds(12));
  }

  @Test
  void one_answer_ends_the_count_of_silences() {
    well(1);
    fails(40);
    fails(45);
    hears(ProbeResult.Standing.AILING, "busy", 50);
    fails(55);
    fails(60);
    assertThat(history.health().wantsRestart()).isFalse();
    fails(65);
    assertThat(history.health().wantsRestart()).isTrue();
  }

  @Test
  void what_is_ailing_or_starting_may_be_why_its_dependents_are_not_well() {
    well(1);
    hears(ProbeResult.Standing.STARTING, "loads its data", 2);
    assertThat(history.health().healthy()).isTrue();
    assertThat(history.health().answered()).isFalse();
  }

  @Test
  void a_silent_store_is_not_well_as_soon_as_others_and_restarted_later() {
    var store =
        new ProbeSpec(
            new ProbeSpec.Redis(6379),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            START_PERIOD,
            3,
            1);
    for (int n = 0; n < 12; n++) {
      assertThat(history.health().wantsRestart()).isFalse();
      history =
          history.after(
              new ProbeResult(false, false, "no answer in 1 s", Duration.ZERO),
              store,
              START.plusSeconds(31 + n));
      if (n == 2) {
        assertThat(history.health().verdict()).isEqualTo(Verdict.AILING);
        assertThat(history.health().reason())
            .isEqualTo("no answer in 1 s, 3 times in a row (restarted at 12)");
      }
    }
    assertThat(history.health().wantsRestart()).isTrue();
  }

  private void hears(ProbeResult.Standing standing, String detail, int second) {
    history =
        history.after(
            new ProbeResult(standing, detail, Duration.ZERO), SPEC, START.plusSeconds(second));
  }
}
