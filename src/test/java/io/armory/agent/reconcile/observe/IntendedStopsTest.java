package io.armory.agent.reconcile.observe;

import static io.armory.agent.reconcile.TestStacks.withOrca;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.reconcile.Rig;
import io.armory.agent.reconcile.lifecycle.ShutdownDrain;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the agent itself stops has not failed.
@Timeout(600)
class IntendedStopsTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private final Rig rig = new Rig(LONG);

  @BeforeEach
  void up() {
    rig.startWithOrca();
  }

  @Test
  void a_drain_that_is_taken_back_is_no_failure() {
    rig.answer(rig.desk.drain(LONG, "ann", l -> {}));
    rig.answer(rig.desk.start("", "bob"));
    rig.awaitSteady();
    assertNothingFailed();
    assertThat(whyStarted("gate")).endsWith("was stopped by the drain: asked for by ann");
  }

  @Test
  void a_drain_that_another_agent_carried_out_is_no_failure() {
    rig.answer(rig.desk.drain(LONG, "ann", l -> {}));
    rig.restart(LONG);
    rig.until(() -> rig.report().ready().reason().startsWith("drained"));
    rig.answer(rig.desk.start("", "bob"));
    rig.awaitSteady();
    assertNothingFailed();
  }

  @Test
  void a_shutdown_is_no_failure_after_the_boot() {
    new ShutdownDrain(rig.loop, rig.drainer, rig.parts.threads()).run(LONG, l -> {});
    rig.restart(LONG);
    rig.awaitSteady();
    assertNothingFailed();
    assertThat(whyStarted("gate")).contains("was stopped by the drain: the node shuts down");
  }

  @Test
  void a_stop_and_a_start_on_request_are_no_failure() {
    rig.answer(rig.desk.stop("orca", "ann"));
    rig.answer(rig.desk.start("orca", "bob"));
    rig.answer(rig.desk.stop("gate", "ann"));
    rig.restart(LONG);
    rig.until(() -> rig.service("gate").isPresent());
    rig.answer(rig.desk.start("gate", "bob"));
    rig.awaitSteady();
    assertNothingFailed();
    assertThat(whyStarted("gate")).endsWith("was stopped by ann");
  }

  @Test
  void a_restart_on_request_is_no_failure_though_it_is_seen_half_done() {
    seenHalfDone();
    rig.answer(rig.desk.restart("gate", "ann"));
    rig.awaitSteady();
    assertNothingFailed();
  }

  @Test
  void a_restart_for_a_reason_has_that_for_its_failure() {
    seenHalfDone();
    rig.sick.add("gate");
    rig.until(() -> rig.restarts("gate") == 1);
    rig.sick.clear();
    rig.awaitSteady();
    assertThat(lastFailure("gate")).contains("no answer");
  }

  @Test
  void what_a_rollout_replaces_has_not_failed() {
    rig.give(withOrca("r2", "2"));
    rig.until(() -> rig.archived.map(Revision::id).filter("r2"::equals).isPresent());
    rig.awaitSteady();
    assertNothingFailed();
  }

  @Test
  void what_ends_by_itself_afterwards_has_failed() {
    rig.answer(rig.desk.restart("gate", "ann"));
    rig.awaitSteady();
    rig.engine.dies("spinnaker-gate-1", 143);
    rig.until(() -> rig.restarts("gate") == 1 && rig.isReady());
    assertThat(lastFailure("gate")).isEqualTo("exited with code 143");
  }

  @Test
  void what_had_to_be_killed_has_not_failed_and_that_it_had_to_be_is_said_once() {
    rig.engine.stubborn("gate");
    rig.answer(rig.desk.stop("gate", "ann"));
    rig.restart(LONG);
    rig.until(() -> rig.service("gate").isPresent());
    rig.answer(rig.desk.start("gate", "bob"));
    rig.awaitSteady();
    assertNothingFailed();
    assertThat(rig.events)
        .filteredOn(e -> e.kind().equals("killed"))
        .extracting(e -> "%s %s (%s)".formatted(e.subject(), e.what(), e.why()))
        .containsExactly("gate had to be killed: it did not end within its 1 s (stopped by ann)");
  }

  @Test
  void a_crash_from_before_an_operators_stop_is_no_news_when_the_service_is_started_again() {
    var cannotStart = new AtomicBoolean(true);
    rig.engine.failNext(
        Integer.MAX_VALUE,
        a -> cannotStart.get() && a instanceof Action.StartContainer,
        new Failure(Failure.Kind.TRANSIENT, "no such device"));
    rig.engine.dies("spinnaker-gate-1", 1);
    rig.until(() -> lastFailure("gate").equals("no such device"));
    rig.answer(rig.desk.stop("gate", "ann"));
    var failure = rig.service("gate").flatMap(ServiceReport::lastFailure);
    var restarts = rig.restarts("gate");
    var said = rig.events.size();
    cannotStart.set(false);
    rig.answer(rig.desk.start("gate", "bob"));
    rig.awaitSteady();
    assertThat(rig.service("gate").flatMap(ServiceReport::lastFailure)).isEqualTo(failure);
    assertThat(rig.restarts("gate")).isEqualTo(restarts);
    assertThat(rig.events.subList(said, rig.events.size()))
        .filteredOn(e -> e.kind().equals("state"))
        .extracting(AgentEvent::what)
        .containsExactly("stopped → starting", "starting → up");
  }

  /// The loop looks at what is to be restarted after it was stopped, and before it is started.
  private void seenHalfDone() {
    rig.engine.beforeEach(a -> {
      if (a instanceof Action.RestartContainer restart) {
        rig.engine.stoppedByHand(restart.name());
        rig.until(() ->
            rig.service(restart.service()).stream()
                .flatMap(s -> s.containers().stream())
                .anyMatch(c -> c.engineState().equals("exited")));
      }
    });
  }

  private void assertNothingFailed() {
    assertThat(rig.report().services())
        .hasSize(3)
        .allSatisfy(s -> {
          assertThat(s.lastFailure()).as(s.name()).isEmpty();
          assertThat(s.restarts()).as(s.name()).isZero();
        });
    assertThat(rig.events)
        .filteredOn(e -> e.kind().equals("state"))
        .extracting(AgentEvent::what)
        .noneMatch(what -> what.endsWith("down"));
  }

  private String whyStarted(String service) {
    List<AgentEvent> starts =
        rig.events.stream()
            .filter(e -> e.subject().equals(service) && e.what().startsWith("start container"))
            .toList();
    return starts.getLast().why();
  }

  private String lastFailure(String service) {
    return rig.service(service)
        .flatMap(ServiceReport::lastFailure)
        .map(ServiceReport.LastFailure::what)
        .orElse("");
  }
}
