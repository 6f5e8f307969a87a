package io.armory.agent.reconcile.operator;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.Rig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `sync` ends well on a node that is ready at that moment, and on no other.
@Timeout(600)
class SyncCommandTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private Rig rig = new Rig(LONG);

  @BeforeEach
  void up() {
    rig.startSteady(chain("r1", "1"), "1");
  }

  @Test
  void a_sync_of_a_good_revision_waits_until_the_node_is_ready_again() {
    rig.sick.add("front50");
    rig.until(() -> !rig.isReady());

    var sync = sync(LONG);
    rig.until(() -> rig.restarts("front50") > 0);
    assertThat(sync).isNotDone();

    rig.sick.clear();
    rig.until(sync::isDone);
    assertThat(rig.answer(sync)).isInstanceOf(Outcome.Done.class);
    assertThat(rig.isReady()).isTrue();
  }

  @Test
  void what_does_not_become_ready_in_its_time_fails_with_what_is_wrong_now_first()
      throws Exception {
    rig.sick.add("front50");
    rig.until(() -> !rig.isReady());

    var failure = failure(sync(Duration.ofSeconds(3)));

    assertThat(failure.message()).startsWith("front50 is ").contains("not done in time");
  }

  @Test
  void a_node_that_stays_unready_for_as_long_as_a_rollout_may_take_ends_it() throws Exception {
    rig.restart(Duration.ofSeconds(3));
    rig.awaitSteady();
    rig.sick.add("front50");
    rig.until(() -> !rig.isReady());

    assertThat(failure(sync(LONG)).message())
        .startsWith("the node is not ready: front50 is ")
        .contains("revision r1 is in force");
  }

  @Test
  void what_an_operator_stopped_is_not_waited_for() throws Exception {
    rig.answer(rig.desk.stop("gate", "ann"));
    rig.until(() -> !rig.isReady());

    assertThat(failure(sync(LONG)).message())
        .startsWith("the node is not ready: ")
        .contains("gate", "ann");
  }

  @Test
  void a_pull_that_fails_is_the_reason_of_a_sync_that_ends_before_it() throws Exception {
    rig.engine.failNext(
        Integer.MAX_VALUE,
        Action.PullImage.class::isInstance,
        new Failure(Failure.Kind.TRANSIENT, "pull image image/gate:2: connection refused"));
    rig.engine.image("image/redis:2", "image/front50:2");
    rig.give(chain("r2", "2"));

    var failure = failure(sync(Duration.ofSeconds(3)));

    assertThat(failure.message()).startsWith("connection refused (image image/gate:2)");
    assertThat(rig.report().revision().orElseThrow().heldUp())
        .contains("connection refused (image image/gate:2)");
    assertThat(rig.isReady()).as("what runs serves").isTrue();
  }

  @Test
  void who_waits_is_told_how_many_are_there_and_each_new_hindrance_once() throws Exception {
    rig.answer(rig.desk.stop("gate", "ann"));
    var taken = new Failure(Failure.Kind.PORT_TAKEN, "host port 8084 is taken by nginx (pid 7)");
    rig.engine.failNext(2, Action.StartContainer.class::isInstance, taken);
    var said = new CopyOnWriteArrayList<String>();

    rig.answer(rig.desk.start(List.of("gate"), "ann", said::add));

    assertThat(said)
        .contains("gate: host port 8084 is taken by nginx (pid 7)")
        .doesNotHaveDuplicates();
    assertThat(said).anyMatch(l -> l.matches("0 of 1 up, \\d+ s: gate (starting|down|stopped)"));
  }

  @Test
  void what_is_up_and_yet_to_be_restarted_does_not_count() throws Exception {
    var said = new CopyOnWriteArrayList<String>();
    rig.answer(rig.desk.restart(List.of("front50", "gate"), "ann", said::add));
    assertThat(said.getFirst()).matches("0 of 2 restarted, 0 s: .*");

    said.clear();
    rig.answer(rig.desk.stop(List.of("gate"), "ann", said::add));
    assertThat(said).noneMatch(l -> l.endsWith(": gate stopped"));
  }

  private CompletableFuture<Outcome<String>> sync(Duration timeout) {
    return rig.desk.sync(new SyncRequest(false, timeout), line -> {});
  }

  private Failure failure(CompletableFuture<Outcome<String>> sync) throws Exception {
    return rig.answer(sync).whyFailed().orElseThrow();
  }
}
