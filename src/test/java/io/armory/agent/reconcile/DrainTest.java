package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.withOrca;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.lifecycle.ActiveExecutions;
import io.armory.agent.reconcile.lifecycle.ShutdownDrain;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class DrainTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private Rig rig = new Rig(LONG);
  private final List<String> progress = new CopyOnWriteArrayList<>();

  @BeforeEach
  void up() {
    rig.startWithOrca();
  }

  @Test
  void a_drain_makes_not_ready_waits_for_running_work_and_stops_dependents_first() {
    rig.workload.tasks.set(2);
    var drain = drain(LONG);
    rig.until(
        () -> rig.step().equals(Optional.of(Step.WAITING)) && progressSays("2 messages in hand"));
    assertThat(rig.isReady()).isFalse();
    assertThat(rig.report().ready().reason()).contains("draining: asked for by ann");
    assertThat(rig.report().phase()).isEqualTo(Phase.DRAINING);
    assertThat(rig.workload.takes).as("takes no new work").isFalse();
    assertThat(rig.poller.held).isFalse();
    assertThat(rig.stops()).as("nothing is stopped while it works").isEmpty();
    rig.workload.tasks.set(0);
    assertThat(rig.answer(drain)).isInstanceOf(Outcome.Done.class);
    assertThat(rig.stops()).containsExactly("gate", "orca", "redis");
    assertThat(rig.report().ready().reason()).startsWith("drained");
    assertThat(rig.report().services())
        .allMatch(s -> s.state() == ServiceReport.State.STOPPED)
        .allMatch(s -> s.reason().contains("the drain"));
  }

  @Test
  void services_go_on_until_the_load_balancers_send_nothing_more() {
    rig.close();
    rig = new Rig(LONG, Duration.ofMinutes(1));
    rig.startWithOrca();

    var drain = drain(LONG);
    rig.until(() -> progressSays("waits for the load balancers"));
    assertThat(rig.isReady()).isFalse();
    assertThat(rig.stops()).isEmpty();
    rig.clock = () -> rig.now().plusSeconds(61);

    assertThat(rig.answer(drain)).isInstanceOf(Outcome.Done.class);
    assertThat(rig.stops()).containsExactly("gate", "orca", "redis");
    assertThat(rig.report().lifecycle().drain().map(Drain::forced)).contains(false);
  }

  @Test
  void a_drain_that_must_be_quick_does_not_wait_for_load_balancers() {
    rig.close();
    rig = new Rig(LONG, Duration.ofHours(1));
    rig.startWithOrca();

    var drain = drain(LONG);
    rig.until(() -> progressSays("waits for the load balancers"));
    rig.clock = () -> rig.now().plus(LONG);

    assertThat(rig.answer(drain)).isInstanceOf(Outcome.Done.class);
    assertThat(rig.report().lifecycle().drain().map(Drain::forced))
        .as("no work was cut off")
        .contains(false);
  }

  @Test
  void a_drain_that_meets_an_error_continues() {
    rig.workload.errors.set(2);
    assertThat(rig.answer(drain(LONG))).isInstanceOf(Outcome.Done.class);
    assertThat(rig.workload.errors).hasValue(0);
    assertThat(rig.stops()).containsExactly("gate", "orca", "redis");
  }

  @Test
  void a_node_on_which_nothing_runs_is_drained_at_once() {
    rig.close();
    rig = new Rig(LONG, Duration.ofHours(1));
    rig.startWithOrca();
    rig.answer(rig.desk.stop("", "ann"));

    assertThat(rig.answer(drain(LONG))).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void work_that_does_not_end_is_cut_off_when_the_wait_is_over_and_that_is_said() {
    rig.workload.tasks.set(1);
    var drain = drain(Duration.ofSeconds(2));
    assertThat(rig.answer(drain).map(t -> t.contains("cut off"))).isEqualTo(Outcome.done(true));
    assertThat(rig.stops()).containsExactly("gate", "orca", "redis");
    assertThat(rig.events).anyMatch(e -> e.what().contains("work was cut off"));
  }

  @Test
  void the_pollers_duty_is_given_up_before_any_work_is_waited_for() {
    rig.poller.resignation = new CompletableFuture<>();
    var _ = drain(LONG);
    rig.until(() -> !rig.poller.held);
    assertThat(rig.step()).contains(Step.RESIGNING);
    assertThat(rig.workload.takes).isTrue();
    rig.poller.resignation.complete(Outcome.done(""));
    rig.awaitStep(Step.STOPPED);
  }

  @Test
  void an_orca_too_old_to_be_asked_is_said_so_and_not_waited_for() {
    rig.workload.fault = Failure.Kind.NOT_FOUND;
    assertThat(rig.answer(drain(LONG))).isInstanceOf(Outcome.Done.class);
    assertThat(rig.events).anyMatch(e -> e.what().contains("orca cannot say"));
  }

  @Test
  void an_orca_that_takes_no_more_and_cannot_say_what_it_has_in_hand_is_given_a_while() {
    rig.workload.dumb = Failure.Kind.NOT_FOUND;
    var drain = drain(LONG);
    rig.until(() -> progressSays("orca, which cannot say what it has in hand, 30 s at most"));
    assertThat(rig.stops()).isEmpty();
    rig.clock = () -> rig.now().plus(ActiveExecutions.UNSAID);

    assertThat(rig.answer(drain)).isInstanceOf(Outcome.Done.class);
    assertThat(progress).anyMatch(l -> l.contains("what orca had in hand is not known"));
    assertThat(rig.events)
        .anyMatch(
            e -> e.what().equals("orca cannot say what it has in hand, and is not waited for"));
  }

  @Test
  void an_orca_that_cannot_be_reached_is_waited_for() {
    rig.workload.fault = Failure.Kind.UNREACHABLE;
    var _ = drain(LONG);
    rig.until(() -> progressSays("does not say"));
    assertThat(rig.stops()).isEmpty();
    rig.workload.fault = null;
    rig.awaitStep(Step.STOPPED);
  }

  @Test
  void an_agent_restarted_in_mid_drain_goes_on_with_it() {
    rig.workload.tasks.set(1);
    var _ = drain(LONG);
    rig.awaitStep(Step.WAITING);
    rig.give(withOrca("r2", "2"));
    rig.restart(LONG);
    rig.until(() -> rig.step().equals(Optional.of(Step.WAITING)) && !rig.workload.takes);
    assertThat(rig.isReady()).isFalse();
    rig.workload.tasks.set(0);
    rig.awaitStep(Step.STOPPED);
    assertThat(rig.stops()).hasSize(3);
    assertThat(rig.subjects(Action.CreateContainer.class))
        .as("a node on its way out rolls nothing out")
        .hasSize(3);
  }

  @Test
  void a_drained_node_stays_so_across_restarts_until_start() {
    rig.answer(drain(LONG));
    rig.restart(LONG);
    rig.until(() -> rig.report().engine().isPresent());
    rig.until(() -> rig.report().ready().reason().startsWith("drained"));
    assertThat(rig.answer(rig.desk.start("gate", "bob")).whyFailed())
        .get()
        .satisfies(f -> assertThat(f.message()).contains("armory-agent start"));
    assertThat(rig.answer(rig.desk.sync(new SyncRequest(false, LONG), l -> {})).whyFailed())
        .isPresent();
    assertThat(rig.engine.containers()).noneMatch(c -> c.running());
    assertThat(rig.answer(rig.desk.start("", "bob"))).isInstanceOf(Outcome.Done.class);
    rig.until(rig::isReady);
    assertThat(rig.poller.held).isTrue();
    rig.restart(LONG);
    rig.until(rig::isReady);
  }

  @Test
  void a_drained_node_tells_its_good_revision_and_rolls_out_nothing_though_the_agent_is_new() {
    rig.answer(drain(LONG));
    rig.restart(LONG);
    rig.until(() -> rig.report().revision().isPresent());
    assertThat(rig.report().revision()).get().extracting(r -> r.state()).isEqualTo("current");

    rig.give(withOrca("r2", "2"));
    rig.restart(LONG);
    rig.until(() -> rig.report().revision().isPresent());
    assertThat(rig.report().revision())
        .get()
        .extracting(r -> r.id() + " " + r.state())
        .isEqualTo("r2 held back by the drain (last known good: r1)");
  }

  @Test
  void a_node_without_a_revision_is_drained_and_taken_back_all_the_same() {
    try (var bare = new Rig(LONG)) {
      bare.loop.start();
      bare.drainer.start();
      assertThat(bare.answer(bare.desk.drain(LONG, "ann", l -> {})))
          .isInstanceOf(Outcome.Done.class);
      assertThat(bare.answer(bare.desk.start("", "bob"))).isInstanceOf(Outcome.Done.class);
      assertThat(bare.answer(bare.desk.start("", "bob")).whyFailed())
          .as("nothing to start")
          .isPresent();
    }
  }

  @Test
  void start_before_anything_is_stopped_lets_orca_take_work_again() {
    rig.workload.tasks.set(1);
    var drain = drain(LONG);
    rig.until(() -> !rig.workload.takes);
    assertThat(rig.answer(rig.desk.start("", "bob"))).isInstanceOf(Outcome.Done.class);
    rig.until(() -> rig.workload.takes && rig.isReady());
    assertThat(rig.answer(drain).whyFailed()).isPresent();
    assertThat(rig.stops()).isEmpty();
  }

  @Test
  void a_node_its_group_ends_is_not_started_by_hand() {
    rig.workload.tasks.set(1);
    begin(Drain.Cause.TERMINATION, null);
    rig.awaitStep(Step.WAITING);
    assertThat(rig.answer(rig.desk.start("", "bob")).whyFailed()).isPresent();
    assertThat(rig.step()).contains(Step.WAITING);
  }

  @Test
  void a_spot_notice_during_a_drain_by_hand_brings_the_end_forward() {
    rig.workload.tasks.set(1);
    var _ = drain(LONG);
    rig.awaitStep(Step.WAITING);
    begin(Drain.Cause.SPOT, rig.now().plusSeconds(5));
    rig.awaitStep(Step.STOPPED);
    assertThat(rig.report().lifecycle().drain())
        .get()
        .satisfies(d -> assertThat(d.forced()).isTrue())
        .satisfies(d -> assertThat(d.cause()).isEqualTo(Drain.Cause.SPOT));
  }

  @Test
  void a_node_that_shuts_down_is_drained_and_back_in_service_when_it_has_booted() {
    rig.workload.tasks.set(1);
    var shutdown = shutdown();
    rig.until(() -> progressSays("1 message"));
    assertThat(rig.report().ready().reason()).contains("the node shuts down");
    assertThat(shutdown).isNotDone();
    rig.workload.tasks.set(0);
    rig.answer(shutdown);
    assertThat(rig.stops()).containsExactly("gate", "orca", "redis");
    rig.restart(LONG);
    rig.until(rig::isReady);
  }

  @Test
  void a_drained_node_is_still_drained_after_a_shutdown() {
    rig.answer(drain(LONG));
    rig.answer(shutdown());
    rig.restart(LONG);
    rig.until(() -> rig.report().ready().reason().startsWith("drained"));
  }

  @Test
  void a_node_whose_engine_does_not_answer_shuts_down_at_once() {
    try (var bare = new Rig(LONG)) {
      bare.engine.unavailable("gone");
      bare.loop.start();
      bare.drainer.start();
      new ShutdownDrain(bare.loop, bare.drainer, bare.parts.threads()).run(LONG, l -> {});
      assertThat(bare.report().lifecycle().drain()).isEmpty();
    }
  }

  private CompletableFuture<Void> shutdown() {
    var drain = new ShutdownDrain(rig.loop, rig.drainer, rig.parts.threads());
    return rig.beside(() -> drain.run(LONG, progress::add));
  }

  private void begin(Drain.Cause cause, @Nullable Instant stopBy) {
    var now = rig.now();
    var wait = stopBy == null ? now.plus(LONG) : now.plusSeconds(1);
    rig.loop.ask(() ->
        rig.drainer.begin(
            new Drain(cause, "told so", "", now, wait, stopBy, Step.RESIGNING, "", false)));
  }

  private CompletableFuture<Outcome<String>> drain(Duration timeout) {
    return rig.desk.drain(timeout, "ann", progress::add);
  }

  private boolean progressSays(String text) {
    return progress.stream().anyMatch(l -> l.contains(text));
  }
}
