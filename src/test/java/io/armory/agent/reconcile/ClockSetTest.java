package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.withOrca;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Control.SyncRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A clock that is set is no time that has passed; what the world names in clock time follows it.
@Timeout(600)
class ClockSetTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration HOUR = Duration.ofHours(1);

  @AutoClose private final Rig rig = new Rig(LONG);
  private final TurnedClock clock = rig.turned();

  @BeforeEach
  void up() {
    rig.clock = clock;
    rig.steady = Optional.of(rig.time);
    rig.startWithOrca();
  }

  @Test
  void a_rollout_has_as_long_as_before() {
    rig.sick.add(rig.idOf("image/orca:2"));
    rig.give(withOrca("r2", "2"));
    rig.until(() -> rig.report().phase() == Phase.ROLLING_OUT);
    for (var by : List.of(HOUR, HOUR.negated())) {
      set(by);
      assertThat(rig.events).noneMatch(e -> e.what().contains("going back"));
    }
    rig.sick.clear();
    rig.awaitSteady();
    assertThat(rig.archived).get().extracting(Revision::id).isEqualTo("r2");
  }

  @Test
  void running_work_is_waited_for_as_long_as_before() {
    rig.workload.tasks.set(1);
    var drain = rig.desk.drain(LONG, "ann", l -> {});
    rig.awaitStep(Step.WAITING);
    var until = drained().waitUntil();
    set(HOUR);
    rig.until(() -> isAbout(drained().waitUntil(), until.plus(HOUR)));
    assertThat(rig.step()).contains(Step.WAITING);
    assertThat(rig.stops()).isEmpty();
    rig.workload.tasks.set(0);
    assertThat(rig.answer(drain).whyFailed()).isEmpty();
    assertThat(drained().forced()).isFalse();
  }

  @Test
  void spot_takes_the_instance_when_it_said() {
    rig.workload.tasks.set(1);
    var now = clock.instant();
    begin(Drain.Cause.SPOT, now.plus(LONG));
    rig.awaitStep(Step.WAITING);
    clock.turn(LONG);
    rig.awaitStep(Step.STOPPED);
    assertThat(drained().forced()).isTrue();
    assertThat(drained().deadline()).contains(now.plus(LONG));
  }

  @Test
  void a_hooks_end_moves_with_the_drain_that_it_bounds() {
    rig.workload.tasks.set(1);
    var now = clock.instant();
    begin(Drain.Cause.TERMINATION, now.plus(LONG));
    rig.awaitStep(Step.WAITING);
    set(HOUR);
    rig.until(() -> isAbout(drained().deadline().orElseThrow(), now.plus(LONG).plus(HOUR)));
    assertThat(rig.step()).contains(Step.WAITING);
  }

  @Test
  void an_engine_that_has_just_gone_is_no_case_for_another_node() {
    rig.engine.unavailable("no answer");
    rig.until(() -> rig.report().phase() == Phase.BLIND);
    set(HOUR);
    assertThat(rig.report().replace().holds()).isFalse();
    assertThat(rig.report().replace().reason()).contains("repair has until");
  }

  @Test
  void everything_that_is_told_is_as_old_as_before() {
    rig.engine.dies("spinnaker-gate-1", 1);
    rig.until(() -> rig.service("gate").filter(s -> s.restarts() == 1).isPresent());
    rig.awaitSteady();
    for (var by : List.of(HOUR, HOUR.negated())) {
      set(by);
      var report = rig.report();
      assertThat(told(report))
          .hasSize(9)
          .allSatisfy((what, at) ->
              assertThat(Duration.between(at, report.at()))
                  .as(what)
                  .isBetween(Duration.ofSeconds(-1), Duration.ofMinutes(10)));
    }
  }

  private static Map<String, Instant> told(HealthReport report) {
    var all = new HashMap<String, Instant>();
    all.put("agent", report.startedAt());
    all.put("live", report.live().since());
    all.put("ready", report.ready().since());
    all.put("replace", report.replace().since());
    all.put("revision", report.revision().orElseThrow().since());
    for (var service : report.services()) {
      all.put(service.name(), service.since());
      service.lastFailure().ifPresent(f -> all.put("failure of " + service.name(), f.at()));
    }
    return all;
  }

  @Test
  void a_restart_that_was_asked_for_is_made_once() throws Exception {
    rig.engineFollows = true;
    var isSet = new AtomicBoolean();
    rig.engine.beforeEach(a -> {
      if (a instanceof Action.RestartContainer && !isSet.getAndSet(true)) {
        set(HOUR.negated());
      }
    });
    assertThat(rig.answer(rig.desk.restart("gate", "ann")).whyFailed()).isEmpty();
    assertThat(rig.subjects(Action.RestartContainer.class)).containsExactly("gate");
  }

  @Test
  void maintenance_ends_when_it_was_said_to() {
    rig.answer(rig.desk.maintenance(Duration.ofMinutes(30), "disk", false, "ann"));
    rig.until(() -> rig.report().maintenance().isPresent());
    set(HOUR);
    rig.until(() -> rig.report().maintenance().isEmpty());
  }

  @Test
  void an_operator_who_waits_waits_on() {
    rig.sick.add(rig.idOf("image/orca:2"));
    rig.give(withOrca("r2", "2"));
    rig.until(() -> rig.report().phase() == Phase.ROLLING_OUT);
    var sync = rig.desk.sync(new SyncRequest(false, LONG), l -> {});
    set(HOUR);
    assertThat(sync).isNotDone();
  }

  /// How far a clock was set is measured by two readings, one after the other.
  private static boolean isAbout(Instant one, Instant other) {
    return Duration.between(one, other).abs().compareTo(Duration.ofSeconds(1)) < 0;
  }

  /// Returns when it was seen.
  private void set(Duration by) {
    clock.turn(by);
    var seen = clock.instant();
    rig.until(() -> Duration.between(rig.report().at(), seen).abs().toMinutes() == 0);
    var first = rig.report().at();
    rig.until(() -> rig.report().at().isAfter(first));
  }

  private void begin(Drain.Cause cause, Instant end) {
    var now = clock.instant();
    rig.loop.ask(() ->
        rig.drainer.begin(
            new Drain(
                cause,
                "told so",
                "",
                now,
                now.plus(LONG.dividedBy(2)),
                end,
                Step.RESIGNING,
                "",
                false)));
  }

  private Drain drained() {
    return rig.report().lifecycle().drain().orElseThrow();
  }
}
