package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class ReconcilerTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private Rig rig = new Rig(LONG);

  @BeforeEach
  void up() {
    rig.images("1");
    rig.give(chain("r1", "1"));
  }

  @Test
  void a_revision_is_brought_up_in_dependency_order() {
    rig.startSteady();
    assertThat(
            rig.engine.actions().stream()
                .filter(Action.StartContainer.class::isInstance)
                .map(Action::subject))
        .containsExactly("redis", "front50", "gate");
    assertThat(rig.archived).get().extracting(r -> r.id()).isEqualTo("r1");
  }

  @Test
  void a_killed_container_is_started_again_and_the_cause_is_told() {
    rig.startSteady();
    var before = rig.engine.container("spinnaker-gate-1").id();
    rig.engine.dies("spinnaker-gate-1", 1);
    rig.until(() -> rig.restarts("gate") == 1 && rig.isReady());
    assertThat(rig.engine.container("spinnaker-gate-1").id()).isEqualTo(before);
    assertThat(rig.events)
        .anyMatch(e -> e.subject().equals("gate") && e.why().contains("exited with code 1"));
  }

  @Test
  void a_clock_set_back_or_forward_stops_neither_publishing_nor_repair() {
    var clock = rig.turned();
    rig.clock = clock;
    rig.steady = Optional.of(rig.time);
    rig.startSteady();
    rig.engine.dies("spinnaker-gate-1", 1);
    rig.until(() -> rig.restarts("gate") == 1);
    // Once more, so that its repair waits for the first one's backoff.
    rig.engine.dies("spinnaker-gate-1", 1);
    for (var by : List.of(Duration.ofHours(-1), Duration.ofHours(1))) {
      clock.turn(by);

      assertThat(Duration.between(rig.report().at(), rig.loop.clock().instant()))
          .as("the age of a report is not the clock's")
          .isLessThan(Duration.ofMinutes(1));
      rig.until(() -> Duration.between(rig.report().at(), clock.instant()).toMinutes() == 0);
      rig.until(() -> rig.engine.container("spinnaker-gate-1").running());
    }
  }

  @Test
  void a_container_removed_while_it_is_being_started_was_removed_by_hand() {
    rig.startSteady();
    var isRemoved = new AtomicBoolean();
    rig.engine.beforeEach(a -> {
      if (a instanceof Action.StartContainer
          && a.subject().equals("gate")
          && isRemoved.compareAndSet(false, true)) {
        rig.engine.deletedByHand("spinnaker-gate-1");
      }
    });

    rig.engine.stoppedByHand("spinnaker-gate-1");

    rig.untilAsserted(() ->
        assertThat(rig.events)
            .anyMatch(e ->
                e.what().startsWith("create container spinnaker-gate-1")
                    && e.why().contains("removed by hand")));
    rig.awaitSteady();
  }

  @Test
  void what_got_sick_while_the_engine_was_away_has_to_show_it_again() {
    redisGetsSickWhile(() -> rig.engine.unavailable("restarting"), rig.engine::available);
  }

  /// Its stream does not break: only the look that fails tells of it.
  @Test
  void what_got_sick_while_the_engine_was_halted_has_to_show_it_again() {
    redisGetsSickWhile(() -> rig.engine.halted("does not answer"), rig.engine::goesOn);
  }

  private void redisGetsSickWhile(Runnable away, Runnable back) {
    rig.startSteady();
    var before = rig.engine.actions().size();
    away.run();
    rig.sick.add("redis");
    rig.until(() ->
        rig.service("redis").filter(s -> s.state() == ServiceReport.State.DOWN).isPresent()
            || rig.report().phase() == Phase.BLIND);
    // The probe's threshold passes while nothing can be seen.
    rig.passes(Duration.ofMillis(500));
    rig.until(() -> rig.report().phase() == Phase.BLIND);
    // It is seen again before anybody is asked again.
    rig.atOnce(
        back,
        () -> rig.until(() -> rig.report().phase() != Phase.BLIND),
        () -> rig.sick.remove("redis"));
    rig.awaitSteady();
    assertThat(rig.engine.actions()).hasSize(before);
  }

  @Test
  void a_deleted_container_is_made_again() {
    rig.startSteady();
    rig.engine.deletedByHand("spinnaker-front50-1");
    rig.until(() -> running("front50") && rig.isReady());
  }

  @Test
  void a_silent_service_is_restarted_after_its_threshold_and_backs_off() {
    rig.startSteady();
    rig.sick.add("gate");
    rig.until(() -> rig.restarts("gate") >= 2);
    assertThat(rig.service("gate").orElseThrow().lastFailure())
        .get()
        .satisfies(f -> assertThat(f.what()).contains("no answer"));
    rig.sick.remove("gate");
    rig.until(rig::isReady);
  }

  @Test
  void an_outage_of_a_dependency_restarts_no_dependent() {
    rig.startSteady();
    rig.atOnce(() -> rig.sick.addAll(List.of("redis", "front50", "gate")));
    rig.until(() -> rig.restarts("redis") >= 2);
    assertThat(rig.restarts("front50")).isZero();
    assertThat(rig.restarts("gate")).isZero();
  }

  @Test
  void a_stopped_service_stays_stopped_across_a_restart_of_the_agent() throws Exception {
    rig.startSteady();
    assertThat(rig.answer(rig.desk.stop("gate", "alice"))).isInstanceOf(Outcome.Done.class);
    rig.restart(LONG);
    rig.until(() ->
        rig.service("gate")
            .filter(s -> s.state() == ServiceReport.State.STOPPED)
            .filter(s -> s.reason().contains("alice"))
            .isPresent());
    assertThat(running("gate")).isFalse();
    assertThat(rig.answer(rig.desk.start("gate", "bob"))).isInstanceOf(Outcome.Done.class);
    rig.until(rig::isReady);
  }

  @Test
  void a_restart_on_request_happens_once() throws Exception {
    rig.startSteady();
    assertThat(rig.answer(rig.desk.restart("gate", "alice"))).isInstanceOf(Outcome.Done.class);
    rig.awaitSteady();
    assertThat(
            rig.engine.actions().stream().filter(Action.RestartContainer.class::isInstance).count())
        .isEqualTo(1);
  }

  @Test
  void an_engine_that_does_not_answer_is_unknown_not_empty() {
    rig.startSteady();
    var before = rig.engine.actions().size();
    rig.engine.unavailable("gone");
    rig.engine.dies("spinnaker-gate-1", 1);
    rig.until(() -> rig.report().phase() == Phase.BLIND);
    assertThat(rig.engine.actions()).hasSize(before);
    rig.engine.available();
    rig.until(() -> running("gate") && rig.isReady());
  }

  /// As engines do that were killed while they started it.
  @Test
  void a_container_the_engine_will_never_start_again_is_replaced() {
    rig.startSteady();
    var broken = rig.engine.container("spinnaker-gate-1").id();
    rig.engine.failNext(
        Integer.MAX_VALUE,
        a -> a instanceof Action.StartContainer s && s.id().equals(broken),
        new Failure(Failure.Kind.BROKEN, "id already in use"));
    rig.engine.dies("spinnaker-gate-1", 137);

    rig.until(() ->
        rig.isReady()
            && rig.engine.containers().stream().noneMatch(c -> c.id().equals(broken))
            && !rig.engine.container("spinnaker-gate-1").id().equals(broken));
    assertThat(rig.engine.containers()).hasSize(3);
    assertThat(rig.events).anyMatch(e -> e.why().contains("the engine cannot start it any more"));
  }

  @Test
  void what_the_engine_takes_down_with_it_is_started_again_and_is_no_crash_loop() {
    rig.startSteady();
    var services = List.of("redis", "front50", "gate");
    for (int i = 1; i <= 3; i++) {
      rig.engine.unavailable("restarts");
      rig.until(() -> rig.report().phase() == Phase.BLIND);
      for (var service : services) {
        rig.engine.dies("spinnaker-" + service + "-1", 137);
      }
      rig.engine.available();
      var times = i;
      // Readiness outlasts a short absence: what was not seen up again was not up with the engine.
      rig.until(() -> services.stream().allMatch(s -> rig.restarts(s) == times && isUp(s)));
    }
    assertThat(rig.events)
        .filteredOn(e -> e.kind().equals("action") && e.what().startsWith("start container"))
        .extracting(AgentEvent::why)
        .containsOnly("it was never started", "it was stopped with the engine");
    assertThat(rig.events).noneMatch(e -> e.why().contains("crash loop"));
  }

  @Test
  void a_restarted_agent_changes_nothing_that_is_right() {
    rig.startSteady();
    var ids = rig.engine.containers().stream().map(Container::id).toList();
    rig.restart(LONG);
    rig.awaitSteady();
    assertThat(rig.engine.containers().stream().map(Container::id).toList()).isEqualTo(ids);
    assertThat(rig.engine.containers()).allMatch(c -> c.state() == State.RUNNING);
  }

  @Test
  void a_look_that_finds_all_as_it_was_is_no_reason_to_think_and_one_that_does_not_is() {
    rig.pollEvery = LONG;
    rig.restart(LONG);
    rig.awaitSteady();
    for (var thoughts = -1L; thoughts != rig.thoughts.get(); ) {
      thoughts = rig.thoughts.get();
      var looks = rig.engine.looks();
      rig.until(() -> rig.engine.looks() > looks);
      var answered = new CompletableFuture<Boolean>();
      rig.loop.wonder(() -> answered.complete(true));
      rig.answer(answered);
    }
    // No event tells of it.
    rig.engine.networkDeletedByHand("spinnaker_default");
    rig.until(() ->
        rig.engine.actions().stream().filter(Action.CreateNetwork.class::isInstance).count() == 2);
  }

  private boolean running(String service) {
    return rig.engine.containers().stream()
        .anyMatch(c -> c.service().equals(service) && c.running());
  }

  private boolean isUp(String service) {
    return rig.service(service).filter(ServiceReport::isUp).isPresent();
  }
}
