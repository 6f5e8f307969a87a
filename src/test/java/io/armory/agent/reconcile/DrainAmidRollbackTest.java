package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.withOrca;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.stack.Action;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A node that is told to go while it goes back to the last known good revision, which does not get
/// healthy either.
@Timeout(600)
class DrainAmidRollbackTest {
  private static final Duration SOON = Duration.ofSeconds(2);
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private final Rig rig = new Rig(SOON);

  @BeforeEach
  void rollingBack() {
    rig.startWithOrca();
    rig.sick.add(rig.idOf("image/orca:2"));
    rig.give(withOrca("r2", "2"));
    rig.until(() -> Collections.frequency(creates(), "orca") == 2);
    rig.sick.add(rig.idOf("image/orca:1"));
    rig.until(() -> rig.report().phase() == Phase.ROLLING_BACK);
  }

  @Test
  void it_is_drained_as_any_other_makes_nothing_new_and_comes_back_with_the_good_revision() {
    rig.workload.tasks.set(1);
    var drain = rig.desk.drain(LONG, "ann", l -> {});
    // In the moment between two orcas there is no work to be waited for.
    rig.until(() -> rig.step().filter(s -> s.compareTo(Step.WAITING) >= 0).isPresent());
    var made = creates();
    rig.workload.tasks.set(0);
    assertThat(rig.answer(drain).whyFailed()).isEmpty();
    assertThat(rig.engine.containers()).noneMatch(c -> c.running());
    assertThat(creates()).isEqualTo(made);

    rig.sick.clear();
    rig.restart(LONG);
    rig.until(() -> rig.report().ready().reason().startsWith("drained"));
    assertThat(rig.answer(rig.desk.start("", "bob")).whyFailed()).isEmpty();
    rig.awaitSteady();
    assertThat(rig.report().revision()).get().satisfies(r -> assertThat(r.id()).isEqualTo("r1"));
    assertThat(rig.engine.containers())
        .filteredOn(c -> c.running())
        .hasSize(3)
        .allMatch(c -> c.definitionHash().orElseThrow().endsWith("1"));
  }

  private List<String> creates() {
    return rig.subjects(Action.CreateContainer.class);
  }
}
