package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static io.armory.agent.reconcile.TestStacks.withPostStart;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.desired.Sources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of a revision: it is rolled out, kept, rolled back, or put off.
@Timeout(600)
class LoopRevisionsTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private Rig rig = new Rig(LONG);

  @BeforeEach
  void up() {
    rig.images("1");
    rig.give(chain("r1", "1"));
  }

  @Test
  void a_registry_that_is_away_for_longer_than_a_rollout_may_take_condemns_no_revision() {
    var clock = rig.turned();
    var away = upgradeWithoutRegistry(clock);
    for (var tries = 0; tries < 3; tries++) {
      var before = away.tries.get();
      rig.until(() -> away.tries.get() > before);
      rig.passes(LONG.plusSeconds(1));
    }
    away.ends();
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(rig.events).noneMatch(e -> e.what().contains("failed, going back"));
  }

  @Test
  void a_service_that_falls_over_in_its_first_minute_takes_its_revision_back() throws Exception {
    rig.bake = LONG;
    rig.restart(LONG);
    rig.awaitSteady();
    rig.images("2");
    rig.give(chain("r2", "2"));
    var sync = rig.desk.sync(new SyncRequest(false, LONG), line -> {});
    rig.until(
        () -> rig.report().revision().orElseThrow().state().startsWith("healthy, kept as good"));
    assertThat(rig.isReady()).isTrue();
    assertThat(rig.archived).get().extracting(Revision::id).isEqualTo("r1");

    rig.engine.dies(rig.service("gate").orElseThrow().containers().getFirst().name(), 1);

    assertThat(rig.answer(sync).whyFailed().map(Failure::message).orElse(""))
        .startsWith("revision r2 was rolled back: gate fell over")
        .contains("exited with code 1");
    rig.until(() -> rig.isReady() && rig.report().revision().orElseThrow().id().equals("r1"));
  }

  /// A parameter that nothing uses changes no revision.
  @Test
  void what_the_sources_are_warned_of_is_told_everywhere_though_nothing_changes() {
    var hint = "HSOT is used nowhere; did you mean HOST?";
    rig.startSteady();
    rig.give(chain("r1", "1").withRemarks("# unused: " + hint + "\n", List.of(hint)));
    var said = new CopyOnWriteArrayList<String>();
    rig.answer(rig.desk.sync(new SyncRequest(false, LONG), said::add));
    assertThat(said).contains("warning: " + hint);
    rig.until(() -> rig.report().host().warnings().contains(hint));
    assertThat(rig.desk.parameters().problems()).anyMatch(p -> p.line().contains(hint));
    rig.give(chain("r1", "1"));
    rig.until(() -> rig.report().host().warnings().isEmpty());
  }

  /// What runs meanwhile is the predecessor.
  @Test
  void the_predecessors_crashes_while_images_are_awaited_are_not_held_against_a_revision() {
    var clock = rig.turned();
    var away = upgradeWithoutRegistry(clock);
    rig.until(() -> away.tries.get() > 0);
    for (var crash = 0; crash < 8; crash++) {
      var starts = rig.subjects(Action.StartContainer.class).size();
      rig.engine.dies(gate().name(), 1);
      rig.until(() -> {
        clock.turn(Duration.ofSeconds(5));
        return rig.subjects(Action.StartContainer.class).size() > starts;
      });
      rig.until(this::gateRuns);
    }
    away.ends();
    rig.until(() -> {
      clock.turn(Duration.ofSeconds(1));
      return rig.archived.filter(r -> r.id().equals("r2")).isPresent();
    });
    assertThat(rig.events).noneMatch(e -> e.what().contains("failed, going back"));
  }

  @Test
  void what_an_operator_restarts_while_a_revision_bakes_did_not_fall_over() throws Exception {
    rig.bake = LONG;
    rig.restart(LONG);
    rig.awaitSteady();
    rig.images("2");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.loop.core().rollout().goodAt().isPresent());
    assertThat(rig.answer(rig.desk.restart("gate", "an operator")))
        .isInstanceOf(Outcome.Done.class);
    rig.until(() -> rig.loop.core().rollout().goodAt().isPresent());
    rig.passes(LONG);
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(rig.events).noneMatch(e -> e.what().contains("failed, going back"));
  }

  /// Longer than a rollout may be without progress.
  @Test
  void a_first_start_has_its_whole_start_period() {
    rig.restart(LONG);
    rig.awaitSteady();
    rig.images("2");
    rig.closed.add("gate");
    var gate = TestStacks.service("gate", "2", List.of("front50"));
    rig.give(
        TestStacks.revision(
            "r2",
            TestStacks.service("redis", "1", List.of()),
            TestStacks.service("front50", "1", List.of("redis")),
            TestStacks.withStartPeriod(gate, LONG.multipliedBy(2))));
    rig.until(() -> gateRuns() && gate().imageId().equals(rig.idOf("image/gate:2")));
    rig.passes(LONG.plusSeconds(1));
    var thoughts = rig.thoughts.get();
    rig.until(() -> rig.thoughts.get() > thoughts + 5);
    rig.closed.remove("gate");
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(rig.events).noneMatch(e -> e.what().contains("failed, going back"));
  }

  /// As a node does whose host is suspended.
  @Test
  void an_agent_that_stood_still_holds_no_revision_to_that_time() {
    var clock = rig.turned();
    rig.clock = clock;
    rig.restart(LONG);
    rig.awaitSteady();
    rig.images("2");
    rig.sick.add(rig.idOf("image/gate:2"));
    rig.give(chain("r2", "2"));
    rig.until(() -> gateRuns() && gate().imageId().equals(rig.idOf("image/gate:2")));
    clock.turn(LONG.plusSeconds(1));
    rig.passes(LONG.dividedBy(2));
    rig.sick.clear();
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(rig.events).noneMatch(e -> e.what().contains("failed, going back"));
  }

  @Test
  void a_revision_is_the_one_to_go_back_to_when_it_was_healthy_for_long_enough() {
    rig.bake = LONG;
    rig.restart(LONG);
    rig.awaitSteady();
    rig.images("2");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.loop.core().rollout().goodAt().isPresent());
    rig.passes(LONG);
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    rig.awaitSteady();
  }

  @Test
  void a_tag_that_moves_to_a_broken_image_is_gone_back_from_to_the_proven_one() throws Exception {
    rig.startSteady();
    rig.until(() -> !rig.archived.map(Revision::images).orElse(Map.of()).isEmpty());
    var proven = rig.idOf("image/gate:1");
    rig.engine.image("image/gate:broken");
    rig.sick.add(rig.idOf("image/gate:broken"));
    rig.restart(Duration.ofSeconds(2));
    rig.awaitSteady();

    rig.engine.tag("image/gate:broken", "image/gate:1");

    rig.until(() -> rig.events.stream().anyMatch(e -> e.what().contains("failed, going back to")));
    rig.awaitSteady();
    assertThat(gate().imageId()).isEqualTo(proven);
    assertThat(rig.report().revision().orElseThrow().rejected().orElse(""))
        .contains("image image/gate:1", "gate is");
    assertThat(rig.archived.orElseThrow().images()).containsEntry("image/gate:1", proven);

    // Neither a fall nor another agent brings the broken one back.
    rig.restart(LONG);
    rig.awaitSteady();
    assertThat(gate().imageId()).isEqualTo(proven);

    rig.engine.tag("image/gate:1", "image/gate:1");
    rig.until(() -> rig.report().revision().orElseThrow().rejected().isEmpty());
  }

  @Test
  void a_release_under_a_moved_tag_is_gone_back_from_to_the_bytes_that_were_proven() {
    rig.restart(Duration.ofSeconds(2));
    rig.awaitSteady();
    rig.until(() -> !rig.archived.map(Revision::images).orElse(Map.of()).isEmpty());
    var proven = rig.idOf("image/gate:1");
    rig.images("2");
    rig.engine.image("image/gate:broken");
    rig.sick.add(rig.idOf("image/gate:broken"));
    rig.engine.tag("image/gate:broken", "image/gate:2");
    rig.engine.tag("image/gate:broken", "image/gate:1");
    rig.give(chain("r2", "2"));

    rig.until(() -> rig.report().revision().orElseThrow().rejected().isPresent());
    rig.awaitSteady();

    assertThat(rig.report().revision().orElseThrow().id()).isEqualTo("r1");
    assertThat(gate().imageId()).isEqualTo(proven);
  }

  @Test
  void a_tag_that_moves_to_a_good_image_is_the_new_proven_one() {
    rig.restart(LONG);
    rig.awaitSteady();
    rig.engine.image("image/gate:better");
    var better = rig.idOf("image/gate:better");

    rig.engine.tag("image/gate:better", "image/gate:1");

    rig.until(() ->
        better.equals(rig.archived.map(Revision::images).orElse(Map.of()).get("image/gate:1")));
    rig.awaitSteady();
    assertThat(gate().imageId()).isEqualTo(better);
  }

  @Test
  void the_history_tells_what_came_by_whom_what_it_changed_and_how_it_ended() throws Exception {
    rig.pollEvery = Duration.ofHours(1);
    rig.restart(Duration.ofSeconds(2));
    rig.awaitSteady();
    rig.images("2");
    rig.sick.add(rig.idOf("image/gate:2"));
    rig.give(chain("r2", "2"));
    var said = new CopyOnWriteArrayList<String>();
    rig.answer(rig.desk.sync(new SyncRequest(false, false, false, "ann", LONG), said::add));

    assertThat(said).contains("changes gate: image image/gate:1 → image/gate:2");
    assertThat(rig.events)
        .anyMatch(e ->
            e.what().startsWith("rolling out revision r2")
                && e.why().startsWith("sync by ann: front50: image image/front50:1 →"));
    assertThat(rig.desk.history())
        .extracting(e -> e.id() + " " + e.trigger() + " " + e.end())
        .containsExactly("r1 boot GOOD", "r2 sync by ann ROLLED_BACK", "r1 rollback GOOD");
    assertThat(rig.desk.history().get(1).why()).contains("gate is down");

    rig.restart(LONG);
    rig.awaitSteady();
    assertThat(rig.desk.history()).as("a restart of the agent is no revision").hasSize(3);
  }

  @Test
  void a_dry_run_says_what_would_change_and_takes_nothing_in() throws Exception {
    rig.pollEvery = Duration.ofHours(1);
    rig.restart(LONG);
    rig.awaitSteady();
    assertThat(dryRun(new CopyOnWriteArrayList<>()))
        .isEqualTo("nothing would change: revision r1 is in force");
    rig.images("2");
    rig.give(chain("r2", "2"));
    var said = new CopyOnWriteArrayList<String>();
    var readings = rig.loop.core().inputs().sources().readings();

    assertThat(dryRun(said)).isEqualTo("revision r2 would be rolled out, in the place of r1");

    assertThat(said).contains("would change gate: image image/gate:1 → image/gate:2");
    assertThat(rig.loop.core().inputs().sources().readings()).isEqualTo(readings);
    assertThat(rig.desk.history()).extracting(RevisionEntry::id).containsExactly("r1");
    rig.made = new Sources.Unreadable(new Problem("ssm", "out of reach", ""));
    assertThat(dryRun(said)).isEqualTo("the sources cannot be read: ssm: out of reach");
  }

  private String dryRun(List<String> said) throws Exception {
    var request = new SyncRequest(false, false, false, false, true, "ann", LONG);
    return switch (rig.answer(rig.desk.sync(request, said::add))) {
      case Outcome.Done<String>(var text) -> text;
      case Outcome.Failed<String>(var failure) -> failure.message();
    };
  }

  @Test
  void each_step_of_a_plan_names_what_changed() throws Exception {
    rig.startSteady();
    rig.images("2");

    rig.give(chain("r2", "2"));

    rig.until(() ->
        rig.events.stream()
            .anyMatch(e ->
                e.why().contains("its definition changed: image image/gate:1 → image/gate:2")));
  }

  private boolean gateRuns() {
    return rig.engine.containers().stream()
        .anyMatch(c -> c.service().equals("gate") && c.running());
  }

  private Container gate() {
    return rig.engine.containers().stream()
        .filter(c -> c.service().equals("gate"))
        .filter(Container::running)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_disk_without_room_for_a_revisions_files_condemns_it_not_and_leaves_what_runs_cared_for()
      throws Exception {
    rig.startSteady();
    rig.images("2");
    rig.filesPut = Outcome.failed(Failure.Kind.TRANSIENT, "no space left on device");
    rig.give(chain("r2", "2"));

    var sync = rig.desk.sync(new SyncRequest(false, LONG), line -> {});

    assertThat(rig.answer(sync).whyFailed().map(Failure::message).orElse(""))
        .contains("revision r2", "no space left on device");
    assertThat(rig.report().ready().holds()).isTrue();
    rig.engine.dies("spinnaker-gate-1", 1);
    rig.until(() -> rig.restarts("gate") == 1 && rig.isReady());

    rig.filesPut = Outcome.done("");
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(rig.events).noneMatch(e -> e.what().contains("failed, going back"));
    assertThat(rig.report().problems()).isEmpty();
  }

  @Test
  void a_sync_ends_while_the_registry_stays_away_and_the_next_one_asks_it_at_once()
      throws Exception {
    var clock = rig.turned();
    var away = upgradeWithoutRegistry(clock);

    var sync = rig.desk.sync(new SyncRequest(false, Duration.ofDays(1)), line -> {});
    rig.until(() -> away.tries.get() > 0);
    rig.until(() -> {
      rig.passes(LONG.dividedBy(5));
      return sync.isDone();
    });

    assertThat(rig.answer(sync).whyFailed())
        .get()
        .satisfies(f -> {
          assertThat(f.kind()).isEqualTo(Failure.Kind.UNHEALTHY);
          assertThat(f.message()).contains("revision r2", "connection refused", "goes on");
        });
    assertThat(rig.isReady()).isTrue();

    away.ends();
    assertThat(rig.answer(rig.desk.sync(new SyncRequest(false, LONG), line -> {})))
        .isInstanceOf(Outcome.Done.class);
    // It is kept by another thread, after the sync was answered.
    rig.untilAsserted(
        () -> assertThat(rig.archived).get().extracting(Revision::id).isEqualTo("r2"));
  }

  /// A second revision whose image of gate cannot be had: every pull fails until the absence ends.
  private Away upgradeWithoutRegistry(TurnedClock clock) {
    rig.clock = clock;
    rig.restart(LONG);
    rig.awaitSteady();
    rig.engine.pullable("image/gate:2").image("image/redis:2", "image/front50:2");
    var away = new Away();
    rig.engine.failNext(
        Integer.MAX_VALUE,
        away::fails,
        new Failure(Failure.Kind.TRANSIENT, "dial tcp: connection refused"));
    rig.give(chain("r2", "2"));
    return away;
  }

  private static final class Away {
    final AtomicInteger tries = new AtomicInteger();
    private volatile boolean over;

    boolean fails(Action action) {
      if (over || !(action instanceof Action.PullImage)) {
        return false;
      }
      tries.incrementAndGet();
      return true;
    }

    void ends() {
      over = true;
    }
  }

  @Test
  void post_start_runs_before_dependents_start_and_once_for_each_life() {
    rig.startSteady(withPostStart("r1", "1"));
    var order =
        rig.engine.actions().stream()
            .filter(a -> a instanceof Action.StartContainer || a instanceof Action.RunHooks)
            .map(a -> a.describe().replaceAll(" .*-(\\w+)-1", " $1"));
    assertThat(order).containsExactly("start redis", "run redis", "start front50", "start gate");

    rig.restart(LONG);
    rig.awaitSteady();
    assertThat(hooksRun()).as("another agent knows it was done").isEqualTo(1);

    rig.engine.dies("spinnaker-redis-1", 1);
    rig.until(() -> hooksRun() == 2 && rig.isReady());
  }

  @Test
  void post_start_whose_end_the_agent_did_not_see_is_run_once_more() {
    rig.give(withPostStart("r1", "1"));
    rig.engine.loseAnswerOfNext(
        1, Action.RunHooks.class::isInstance, new Failure(Failure.Kind.TIMEOUT, "no answer"));
    rig.startSteady();
    assertThat(hooksRun()).isEqualTo(2);
  }

  @Test
  void a_revision_whose_post_start_fails_for_good_is_rolled_back() {
    rig.startSteady();
    rig.engine.failNext(
        1000,
        Action.RunHooks.class::isInstance,
        new Failure(Failure.Kind.TRANSIENT, "warm-up ended with code 3"));
    rig.restart(Duration.ofSeconds(3));
    rig.awaitSteady();
    rig.give(withPostStart("r2", "1"));
    rig.until(() -> rig.events.stream().anyMatch(e -> e.what().contains("going back to")));
    rig.awaitSteady();
    assertThat(rig.service("redis")).isPresent();
    assertThat(rig.engine.container("spinnaker-redis-1").running()).isTrue();
  }

  private long hooksRun() {
    return rig.engine.actions().stream().filter(Action.RunHooks.class::isInstance).count();
  }

  @Test
  void a_new_revision_replaces_one_container_after_the_other() {
    rig.startSteady();
    rig.images("2");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(rig.engine.containers())
        .extracting(Container::name)
        .containsExactlyInAnyOrder("spinnaker-redis-1", "spinnaker-front50-1", "spinnaker-gate-1");
    assertThat(rig.engine.containers()).allMatch(Container::running);
  }

  @Test
  void a_revision_that_does_not_become_healthy_is_rolled_back_and_not_tried_again()
      throws Exception {
    rig.startSteady();
    rig.loop.close();
    rig.restart(Duration.ofSeconds(2));
    rig.awaitSteady();
    rig.images("2");
    rig.sick.add(rig.idOf("image/front50:2"));
    rig.give(chain("r2", "2"));
    var outcome = rig.answer(rig.desk.sync(new SyncRequest(false, LONG), line -> {}));
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(outcome.toString()).contains("rolled back").contains("front50");
    rig.awaitSteady();
    assertThat(rig.engine.containers())
        .hasSize(3)
        .allMatch(c -> c.definitionHash().orElseThrow().endsWith("1"));
    assertThat(rig.report().revision()).get().satisfies(r -> assertThat(r.id()).isEqualTo("r1"));
    // The next reading of the sources finds it to be the one that failed.
    rig.until(
        () -> rig.report().problems().stream().anyMatch(p -> p.line().contains("rolled back")));
    var again = rig.answer(rig.desk.sync(new SyncRequest(false, LONG), line -> {}));
    assertThat(again.toString()).contains("not tried again");
    var behind = rig.report().revision().orElseThrow();
    assertThat(behind.state()).isEqualTo("current, after a rollback");
    assertThat(behind.rejected()).get().asString().contains("r2");

    rig.sick.clear();
    rig.restart(LONG);
    rig.awaitSteady();
    rig.until(
        () -> rig.report().problems().stream().anyMatch(p -> p.line().contains("sync --retry")));
    var retry = rig.desk.sync(new SyncRequest(false, true, LONG), line -> {});
    assertThat(rig.answer(retry)).isInstanceOf(Outcome.Done.class);
    rig.awaitSteady();
    assertThat(rig.report().revision()).get().satisfies(r -> assertThat(r.id()).isEqualTo("r2"));
    assertThat(rig.report().revision().orElseThrow().rejected()).isEmpty();

    rig.images("3");
    rig.give(chain("r3", "3"));
    assertThat(rig.answer(rig.desk.sync(new SyncRequest(false, LONG), line -> {})))
        .isInstanceOf(Outcome.Done.class);
    rig.awaitSteady();
    var next = rig.report().revision().orElseThrow();
    assertThat(next.state()).isEqualTo("current");
    assertThat(next.rejected()).as("of one that nobody asks for any more").isEmpty();
  }

  @Test
  void an_agent_that_starts_with_a_rejected_revision_goes_on_with_the_good_one() {
    rig.startSteady();
    rig.restart(Duration.ofSeconds(2));
    rig.awaitSteady();
    rig.images("2");
    rig.sick.add(rig.idOf("image/front50:2"));
    rig.give(chain("r2", "2"));
    rig.until(
        () -> rig.report().problems().stream().anyMatch(p -> p.line().contains("rolled back")));
    rig.restart(LONG);
    rig.awaitSteady();
    assertThat(rig.report().revision()).get().satisfies(r -> assertThat(r.id()).isEqualTo("r1"));
    assertThat(rig.engine.containers())
        .hasSize(3)
        .allMatch(c -> c.definitionHash().orElseThrow().endsWith("1"));
  }

  @Test
  void sync_ends_when_the_new_revision_is_healthy() throws Exception {
    rig.startSteady();
    rig.images("2");
    rig.give(chain("r2", "2"));
    var outcome = rig.answer(rig.desk.sync(new SyncRequest(false, LONG), line -> {}));
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    assertThat(outcome.toString()).contains("r2");
  }

  @Test
  void sync_ends_when_a_first_revision_has_failed_though_it_is_tried_on() throws Exception {
    rig.restart(Duration.ofSeconds(2));
    rig.sick.add("front50");
    var outcome = rig.answer(rig.desk.sync(new SyncRequest(false, LONG), line -> {}));
    assertThat(outcome.whyFailed())
        .get()
        .satisfies(f ->
            assertThat(f.message())
                .contains("revision r1 is not healthy", "none to go back to", "front50"));
    rig.sick.clear();
    rig.awaitSteady();
  }

  @Test
  void sources_out_of_reach_leave_the_last_known_good_revision_in_force() {
    rig.startSteady();
    rig.made = new Sources.Unreadable(new Problem("SSM", "timed out", ""));
    rig.restart(LONG);
    rig.until(() -> rig.isReady() && rig.report().revision().orElseThrow().stale());
    assertThat(rig.report().problems()).anyMatch(p -> p.what().contains("timed out"));
  }

  /// Going back would replace what the agent before this one brought, and once more when the
  /// sources answer.
  @Test
  void sources_out_of_reach_leave_a_revision_that_bakes_where_it_is() {
    rig.bake = LONG;
    rig.restart(LONG);
    rig.awaitSteady();
    rig.images("2");
    rig.give(chain("r2", "2"));
    rig.until(() -> state().startsWith("healthy, kept as good"));
    assertThat(rig.archived).get().extracting(Revision::id).isEqualTo("r1");
    var before = containers();

    rig.made = new Sources.Unreadable(new Problem("SSM", "timed out", ""));
    rig.restart(LONG);
    rig.until(() -> state().startsWith("healthy, kept as good"));

    assertThat(rig.report().revision().orElseThrow().id()).isEqualTo("r2");
    assertThat(containers()).isEqualTo(before);
  }

  /// What was good at the last moment may not have been written.
  @Test
  void a_good_revision_that_was_not_kept_any_more_is_not_taken_back() {
    rig.startSteady();
    var first = rig.archived;
    rig.images("2");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    rig.awaitSteady();
    var before = containers();

    rig.archived = first;
    rig.made = new Sources.Unreadable(new Problem("SSM", "timed out", ""));
    rig.restart(LONG);
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());

    rig.awaitSteady();
    assertThat(containers()).isEqualTo(before);
  }

  @Test
  void a_revision_in_its_midst_is_gone_on_with_though_the_sources_are_out_of_reach() {
    rig.startSteady();
    rig.images("2");
    rig.sick.add("front50");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.begun.filter(r -> r.id().equals("r2")).isPresent());

    rig.made = new Sources.Unreadable(new Problem("SSM", "timed out", ""));
    rig.restart(LONG);
    rig.sick.clear();
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(rig.report().revision().orElseThrow().stale()).isTrue();
  }

  @Test
  void a_revision_that_was_rolled_back_is_not_gone_on_with() {
    rig.restart(Duration.ofSeconds(2));
    rig.awaitSteady();
    rig.images("2");
    rig.sick.add("front50");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.events.stream().anyMatch(e -> e.what().contains("failed, going back to")));

    rig.made = new Sources.Unreadable(new Problem("SSM", "timed out", ""));
    rig.restart(LONG);
    rig.sick.clear();
    rig.until(() -> rig.isReady() && rig.report().revision().orElseThrow().id().equals("r1"));
  }

  private String state() {
    return rig.report().revision().map(r -> r.state()).orElse("");
  }

  private Set<String> containers() {
    return rig.report().services().stream()
        .flatMap(s -> s.containers().stream())
        .map(c -> c.name() + " " + c.id())
        .collect(Collectors.toSet());
  }

  @Test
  void a_kept_copy_that_does_not_open_is_said_until_another_is_kept() {
    rig.made = new Sources.Unreadable(new Problem("ssm", "no answer", ""));
    rig.unrecalled = Optional.of(new Failure(Failure.Kind.INVALID, "it does not open"));
    rig.loop.start();
    rig.until(() -> rig.report().problems().stream().anyMatch(LoopRevisionsTest::doesNotOpen));
    assertThat(rig.report().problems()).anyMatch(LoopRevisionsTest::doesNotOpen);

    rig.give(chain("r1", "1"));
    rig.awaitSteady();

    rig.until(() -> rig.report().problems().stream().noneMatch(LoopRevisionsTest::doesNotOpen));
    assertThat(rig.archived).isPresent();
  }

  private static boolean doesNotOpen(Problem problem) {
    return problem.where().equals("last known good revision")
        && problem.what().equals("it does not open");
  }
}
