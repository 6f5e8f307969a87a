package io.armory.agent.reconcile.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.ScheduledEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalendarTest {
  private static final Instant AT = Instant.parse("2026-12-01T09:00:00Z");
  private static final Duration WAIT = Duration.ofMinutes(30);

  private static ScheduledEvent event(String code) {
    return new ScheduledEvent(
        "instance-event-0ab", code, "scheduled", AT, Optional.of(AT.plusSeconds(7200)));
  }

  private static Calendar calendar(boolean alone) {
    return new Calendar(WAIT, Instant.EPOCH, alone);
  }

  private static Optional<Drain> drain(Calendar calendar, ScheduledEvent event, Instant now) {
    return calendar.drain(calendar.pending(List.of(event), now), "i-1", now);
  }

  @ParameterizedTest
  @CsvSource({
    "system-reboot, 32, 5",
    "instance-reboot, 32, 5",
    "instance-stop, 32, 5",
    "instance-retirement, 32, 5",
    "system-maintenance, 32, 0",
    "something-new, 32, 0"
  })
  void a_drain_begins_so_many_minutes_ahead(String code, int inGroup, int alone) {
    var event = event(code);
    for (var seat : List.of(true, false)) {
      var minutes = seat ? alone : inGroup;
      var from = AT.minus(Duration.ofMinutes(minutes));
      assertThat(drain(calendar(seat), event, from.minusSeconds(1))).isEmpty();
      if (minutes == 0) {
        assertThat(drain(calendar(seat), event, AT.plusSeconds(60))).isEmpty();
        assertThat(calendar(seat).line(event)).contains("not drained for it");
      } else {
        assertThat(drain(calendar(seat), event, from)).isPresent();
        assertThat(calendar(seat).line(event)).contains("drained from " + from + " on");
      }
    }
  }

  /// Else all of a group left at once, five minutes ahead.
  @Test
  void where_work_in_hand_is_not_waited_for_the_others_of_a_group_leave_first_all_the_same() {
    var event = event("system-reboot");
    var group = new Calendar(Duration.ofMinutes(1), Instant.EPOCH, false);
    var alone = new Calendar(Duration.ofMinutes(1), Instant.EPOCH, true);
    assertThat(group.from(event)).contains(AT.minusSeconds(180));
    assertThat(alone.from(event)).contains(AT.minusSeconds(90));
  }

  @Test
  void work_in_hand_has_the_whole_wait_and_all_is_stopped_before_ec2_begins() {
    var begun =
        drain(calendar(false), event("system-reboot"), AT.minusSeconds(32 * 60)).orElseThrow();
    assertThat(begun.cause()).isEqualTo(Drain.Cause.SCHEDULED);
    assertThat(Duration.between(begun.since(), begun.waitUntil())).isEqualTo(WAIT);
    assertThat(begun.deadline()).hasValue(AT.minusSeconds(20));
    assertThat(begun.isUndoable()).isTrue();
    assertThat(begun.why())
        .isEqualTo(
            "EC2 will reboot this instance between 2026-12-01T09:00:00Z and 2026-12-01T11:00:00Z"
                + " (system-reboot, instance-event-0ab); it comes back by itself, and serves again");
    assertThat(begun.clockSet(Duration.ofHours(1))).isEqualTo(begun);
    // Asked anew every few seconds, it stays the same one.
    var again = drain(calendar(false), event("system-reboot"), AT.minusSeconds(600)).orElseThrow();
    assertThat(begun.merged(again)).isEqualTo(begun);
  }

  @Test
  void one_that_is_heard_of_too_late_gives_each_service_its_grace() {
    assertThat(drain(calendar(true), event("system-reboot"), AT.plusSeconds(5)))
        .hasValueSatisfying(d -> assertThat(d.deadline()).isEmpty());
  }

  @Test
  void it_is_over_when_its_time_is_or_the_instance_has_booted_since() {
    var event = event("system-reboot");
    assertThat(calendar(false).pending(List.of(event), AT.plusSeconds(7199))).isNotEmpty();
    assertThat(calendar(false).pending(List.of(event), AT.plusSeconds(7200))).isEmpty();
    var early = new Calendar(WAIT, AT.minusSeconds(1), false);
    assertThat(early.pending(List.of(event), AT.plusSeconds(60))).isNotEmpty();
    var booted = new Calendar(WAIT, AT, false);
    assertThat(booted.pending(List.of(event), AT.plusSeconds(60))).isEmpty();
  }

  @Test
  void the_first_one_counts() {
    var later =
        new ScheduledEvent(
            "instance-event-2", "instance-stop", "", AT.plusSeconds(60), Optional.empty());
    var calendar = calendar(true);
    var pending = calendar.pending(List.of(later, event("system-reboot")), AT.minusSeconds(60));
    assertThat(pending).map(ScheduledEvent::code).containsExactly("system-reboot", "instance-stop");
    assertThat(calendar.drain(pending, "i-1", AT.minusSeconds(60)))
        .hasValueSatisfying(d -> assertThat(d.why()).contains("system-reboot"));
  }
}
