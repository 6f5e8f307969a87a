package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.HealthReport.Phase;
import io.armory.agent.domain.Revision;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A node that is told to go while it goes back to the last known good revision, which does not get
/// healthy either.
@Timeout(180)
class DrainAmidRollbackTest {
  private static final Duration SOON = Duration.ofSeconds(2);
  private static final Duration LONG = Duration.ofMinutes(5);
  private final Rig rig = new Rig(SOON);

  @BeforeEach
  void rollingBack() {
    for (var s : List.of("redis", "orca", "gate")) {
      rig.engine.image("image/" + s + ":1", "image/" + s + ":2");
    }
    rig.give(stack("r1", "1"));
    rig.loop.start();
    rig.drainer.start();
    await().until(() -> rig.report().phase() == Phase.STEADY);
    rig.sick.add(rig.idOf("image/orca:2"));
    rig.give(stack("r2", "2"));
    await().until(() -> creates("orca") == 2);
    rig.sick.add(rig.idOf("image/orca:1"));
    await().until(() -> rig.report().phase() == Phase.ROLLING_BACK);
  }

  @AfterEach
  void down() {
    rig.close();
  }

  @Test
  void it_is_drained_as_any_other_makes_nothing_new_and_comes_back_with_the_good_revision() {
    rig.workload.tasks.set(1);
    var drain = rig.desk.drain(LONG, "ann", l -> {});
    await().until(() -> step().equals(Optional.of(Step.WAITING)));
    var made = creates("redis") + creates("orca") + creates("gate");
    rig.workload.tasks.set(0);
    assertThat(drain.join().whyFailed()).isEmpty();
    assertThat(rig.engine.containers()).noneMatch(c -> c.running());
    assertThat(creates("redis") + creates("orca") + creates("gate")).isEqualTo(made);

    rig.sick.clear();
    rig.restart(LONG);
    await().until(() -> rig.report().ready().reason().startsWith("drained"));
    assertThat(rig.desk.start("", "bob").join().whyFailed()).isEmpty();
    await().until(() -> rig.isReady() && rig.report().phase() == Phase.STEADY);
    assertThat(rig.report().revision()).get().satisfies(r -> assertThat(r.id()).isEqualTo("r1"));
    assertThat(rig.engine.containers())
        .filteredOn(c -> c.running())
        .hasSize(3)
        .allMatch(c -> c.definitionHash().orElseThrow().endsWith("1"));
  }

  private Optional<Step> step() {
    return rig.report().lifecycle().drain().map(Drain::step);
  }

  private long creates(String service) {
    return rig.engine.actions().stream()
        .filter(Action.CreateContainer.class::isInstance)
        .filter(a -> a.subject().equals(service))
        .count();
  }

  private static Revision stack(String id, String version) {
    return revision(
        id,
        service("redis", version, List.of()),
        service("orca", version, List.of("redis")),
        service("gate", version, List.of("orca")));
  }
}
