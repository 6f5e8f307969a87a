package io.armory.agent.reconcile.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Death;
import io.armory.agent.domain.Death.By;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExitCausesTest {
  private static final Instant THEN = Instant.parse("2026-01-01T12:00:00Z");
  private static final String ID = "c1";

  private final ExitCauses deaths = new ExitCauses(new IntendedStops());

  @Test
  void a_signal_by_hand_explains_the_end_that_follows() {
    signal("15");
    deaths.retain(Set.of(ID), Set.of(ID), THEN.plusSeconds(30));
    assertThat(deaths.all())
        .containsEntry(ID, new Death("was stopped by hand (docker stop)", By.HAND, THEN, true));
    assertThat(deaths.isExcused(ID, "gate")).isTrue();
  }

  @Test
  void a_signal_that_ended_nothing_explains_no_later_end() {
    signal("1");
    deaths.retain(Set.of(ID), Set.of(ID), THEN.plus(Duration.ofMinutes(10)));
    assertThat(deaths.all()).isEmpty();
    assertThat(deaths.isExcused(ID, "gate")).isFalse();
  }

  @Test
  void what_ended_keeps_its_cause_for_as_long_as_it_does_not_run() {
    signal("15");
    deaths.retain(Set.of(ID), Set.of(), THEN.plus(Duration.ofHours(1)));
    assertThat(deaths.isExcused(ID, "gate")).isTrue();
  }

  @Test
  void what_is_killed_because_it_took_too_long_to_stop_was_stopped() {
    signal("15");
    signal("9");
    assertThat(deaths.all().values())
        .singleElement()
        .satisfies(d -> assertThat(d.what()).isEqualTo("was stopped by hand (docker stop)"));
  }

  @Test
  void what_was_stopped_is_left_to_who_did_from_its_end_on_and_what_was_killed_is_not() {
    signal("15");
    deaths.heard(new EngineEvent("die", "gate", ID, ""), false, THEN.plusSeconds(5));
    assertThat(deaths.nextEnd(THEN.plusSeconds(5))).isEqualTo(THEN.plusSeconds(6));
    deaths.heard(new EngineEvent("start", "gate", ID, ""), false, THEN.plusSeconds(6));
    signal("9");
    assertThat(deaths.nextEnd(THEN)).isEqualTo(Instant.MAX);
  }

  @Test
  void a_clock_that_is_set_is_no_time_that_has_passed() {
    signal("15");
    deaths.clockSet(Duration.ofHours(1));
    deaths.retain(Set.of(ID), Set.of(ID), THEN.plus(Duration.ofHours(1)));
    assertThat(deaths.isExcused(ID, "gate")).isTrue();
  }

  private void signal(String number) {
    deaths.heard(new EngineEvent("kill", "gate", ID, number), false, THEN);
  }
}
