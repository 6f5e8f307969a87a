package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.withOrca;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A node that is told to go in the moment in which a replacement has been created, and what it
/// replaces is about to be stopped.
@Timeout(600)
class DrainAmidRolloutTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private final Rig rig = new Rig(LONG);

  @Test
  void what_is_well_is_not_stopped_to_be_replaced_while_its_work_is_awaited() {
    rig.startWithOrca();
    rig.workload.tasks.set(1);
    rig.engine.hang(Action.CreateContainer.class::isInstance);
    rig.give(withOrca("r2", "2"));
    rig.until(() -> rig.subjects(Action.CreateContainer.class).size() == 4);
    var drain = rig.desk.drain(LONG, "ann", l -> {});
    rig.awaitStep(Step.WAITING);

    rig.engine.release();
    var next = rig.idOf("image/redis:2");
    rig.until(() -> rig.engine.containers().stream().anyMatch(c -> c.imageId().equals(next)));
    var thoughts = rig.thoughts.get();
    rig.until(() -> rig.thoughts.get() > thoughts + 3);

    assertThat(rig.stops()).isEmpty();
    assertThat(rig.engine.containers()).filteredOn(c -> c.running()).hasSize(3);
    rig.workload.tasks.set(0);
    assertThat(rig.answer(drain)).isInstanceOf(Outcome.Done.class);
    assertThat(rig.stops()).isEqualTo(List.of("gate", "orca", "redis"));
  }
}
