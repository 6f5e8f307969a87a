package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.Control.SyncRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// No room for the agent's state, or for the engine's data, before and in the midst of a rollout.
@Timeout(600)
class FullDiskTest {
  private static final Duration SHORT = Duration.ofSeconds(2);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Outcome<String> NO_ROOM =
      Outcome.failed(Failure.Kind.TRANSIENT, "no space left on device");

  @AutoClose private final Rig rig = new Rig(LONG);

  @BeforeEach
  void up() {
    rig.images("1");
    rig.images("2");
    rig.give(chain("r1", "1"));
  }

  @Test
  void a_revision_that_fails_is_gone_back_from_though_nothing_can_be_written() {
    rig.restart(SHORT);
    rig.awaitSteady();
    rig.sick.add(rig.idOf("image/front50:2"));
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.report().phase() == Phase.ROLLING_OUT);
    rig.filesPut = NO_ROOM;
    rig.filesThere = true;
    rig.until(() -> rig.events.stream().anyMatch(e -> e.what().contains("going back")));
    rig.awaitSteady();
    assertThat(rig.engine.container("spinnaker-front50-1").imageId())
        .isEqualTo(rig.idOf("image/front50:1"));
    assertThat(rig.report().problems())
        .as("it is told, and tried again")
        .anyMatch(p -> p.what().contains("no space left"));
  }

  @Test
  void an_agent_started_on_a_full_disk_cares_for_what_runs_and_condemns_nothing() {
    rig.restart(LONG);
    rig.awaitSteady();
    rig.give(chain("r2", "2"));
    rig.filesPut = NO_ROOM;
    rig.filesThere = true;
    rig.restart(LONG);
    rig.until(rig::isReady);
    rig.engine.dies("spinnaker-gate-1", 1);
    rig.awaitSteady();
    assertThat(rig.engine.container("spinnaker-gate-1").running()).isTrue();
    assertThat(rig.report().revision()).get().matches(r -> r.id().equals("r1"));

    rig.filesPut = Outcome.done("");
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
  }

  @Test
  void an_engine_without_room_for_the_next_container_condemns_no_revision() throws Exception {
    rig.restart(LONG);
    rig.awaitSteady();
    var isFull = new AtomicBoolean(true);
    var tries = new AtomicInteger();
    rig.engine.failNext(
        Integer.MAX_VALUE,
        a -> a instanceof Action.CreateContainer && isFull.get() && tries.incrementAndGet() > 0,
        new Failure(Failure.Kind.NO_ROOM, "no space left on device"));
    rig.give(chain("r2", "2"));
    var sync = rig.desk.sync(new SyncRequest(false, Duration.ofDays(1)), line -> {});
    for (var i = 0; i < 3; i++) {
      var before = tries.get();
      rig.until(() -> tries.get() > before);
      rig.passes(LONG.plusSeconds(1));
    }
    assertThat(rig.answer(sync).whyFailed())
        .get()
        .satisfies(
            f -> assertThat(f.message()).contains("disk is full", "no space left", "goes on"));
    assertThat(rig.isReady()).isTrue();

    isFull.set(false);
    assertThat(rig.answer(rig.desk.sync(new SyncRequest(false, LONG), line -> {})))
        .isInstanceOf(Outcome.Done.class);
    assertThat(rig.events).noneMatch(e -> e.what().contains("going back"));
  }

  @Test
  void a_sync_ends_though_what_was_gone_back_to_is_not_healthy_either() throws Exception {
    rig.restart(SHORT);
    rig.awaitSteady();
    rig.sick.add("front50");
    rig.give(chain("r2", "2"));

    var sync = rig.desk.sync(new SyncRequest(false, LONG), line -> {});

    assertThat(rig.answer(sync).whyFailed())
        .get()
        .satisfies(f -> assertThat(f.message()).contains("was rolled back", "not healthy either"));
  }
}
