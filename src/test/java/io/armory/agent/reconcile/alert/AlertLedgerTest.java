package io.armory.agent.reconcile.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.reconcile.alert.AlertLedger.Open;
import io.armory.agent.reconcile.alert.AlertLedger.Times;
import io.armory.agent.reconcile.alert.Conditions.Active;
import io.armory.agent.reconcile.alert.Conditions.Seen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlertLedgerTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private static final Alert.Origin ORIGIN = new Alert.Origin("n", "h", "s", "r", "1");
  private static final Active DISK =
      new Active(Condition.DISK, "", "its disk fills up", "91 %", START);

  private AlertLedger ledger = new AlertLedger(Times.USUAL, List.of());
  private final List<String> told = new ArrayList<>();
  private Set<Condition> unclear = Set.of();

  /// @param minute since the start
  private void at(int minute, Active... active) {
    var now = Duration.ofMinutes(minute);
    ledger
        .step(new Seen(List.of(active), unclear, "it is ready", ORIGIN, START.plus(now)), now)
        .forEach(
            t -> told.add(minute + " " + (t.alert().over() ? "over " : "begun ") + t.of().key()));
  }

  private static Active failed(String revision) {
    return new Active(Condition.ROLLBACK, revision, "failed", "why", START);
  }

  @Test
  void a_condition_is_told_once_and_its_end_once() {
    at(0, DISK);
    at(1, DISK);
    at(2);
    at(6);
    at(7);
    at(8);
    assertThat(told).containsExactly("0 begun disk/", "7 over disk/");
  }

  @Test
  void one_that_comes_and_goes_is_told_once() {
    for (int minute = 0; minute < 60; minute += 4) {
      at(minute, DISK);
      at(minute + 2);
    }
    assertThat(told).containsExactly("0 begun disk/");
  }

  @Test
  void one_that_comes_back_soon_after_its_end_has_to_be_away_for_longer_each_time() {
    for (int minute = 0; minute < 300; minute++) {
      if (minute % 8 < 2) {
        at(minute, DISK);
      } else {
        at(minute);
      }
    }
    // Away for 6 of 8 minutes: over after 5 the first time; 10 are never reached.
    assertThat(told).containsExactly("0 begun disk/", "7 over disk/", "8 begun disk/");
  }

  @Test
  void after_a_quiet_hour_all_is_as_at_first() {
    at(0, DISK);
    at(1);
    at(6);
    at(70, DISK);
    at(71);
    at(76);
    assertThat(told)
        .containsExactly("0 begun disk/", "6 over disk/", "70 begun disk/", "76 over disk/");
  }

  @Test
  void what_cannot_be_told_is_not_over() {
    at(0, DISK);
    unclear = Set.of(Condition.DISK);
    at(1);
    at(30);
    unclear = Set.of();
    at(31);
    at(35);
    at(36);
    assertThat(told).containsExactly("0 begun disk/", "36 over disk/");
  }

  @Test
  void two_revisions_that_fail_are_two_conditions() {
    at(0, failed("a"));
    at(1, failed("b"));
    at(6, failed("b"));
    assertThat(told)
        .containsExactly("0 begun rollback/a", "1 begun rollback/b", "6 over rollback/a");
  }

  @Test
  void what_an_agent_before_told_is_not_told_again_and_its_end_is() {
    ledger =
        new AlertLedger(
            Times.USUAL, List.of(new Open(Condition.DISK, "", "its disk fills up", START)));
    at(0, DISK);
    at(1);
    at(6);
    assertThat(told).containsExactly("6 over disk/");
  }

  @Test
  void the_end_says_what_began_and_when_and_how_it_is_now() {
    at(0, DISK);
    at(0);
    assertThat(
            ledger.step(
                new Seen(List.of(), Set.of(), "it is ready", ORIGIN, START.plusSeconds(9)),
                Duration.ofHours(1)))
        .singleElement()
        .satisfies(t ->
            assertThat(t.alert())
                .isEqualTo(
                    new Alert(
                        Condition.DISK,
                        true,
                        "its disk fills up",
                        "it is ready",
                        START,
                        START.plusSeconds(9),
                        ORIGIN)));
  }
}
