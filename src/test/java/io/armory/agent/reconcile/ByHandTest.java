package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static io.armory.agent.reconcile.TestStacks.withGrace;
import static io.armory.agent.reconcile.TestStacks.withPostStart;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.stack.Action;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Somebody at the node works on the running stack: he is let finish, and then it is brought back,
/// once.
@Timeout(600)
class ByHandTest {
  private static final String GATE = "spinnaker-gate-1";

  @AutoClose private final Rig rig = new Rig(Duration.ofMinutes(5));

  @BeforeEach
  void up() {
    rig.startSteady(
        revision("r1", withGrace(service("gate", "1", List.of()), Duration.ofMinutes(10))), "1");
  }

  @Test
  void what_takes_its_time_to_stop_is_not_restarted_meanwhile_and_started_once_afterwards() {
    var before = rig.engine.actions().size();
    rig.engine.toldToEndByHand(GATE);
    rig.sick.add("gate");
    rig.untilAsserted(() ->
        assertThat(rig.report().plan().waits())
            .anyMatch(w -> w.reason().contains("told to end by hand")));
    rig.atOnce(() -> rig.engine.stoppedByHand(GATE), () -> rig.sick.remove("gate"));
    rig.until(() -> rig.engine.actions().size() > before);
    rig.awaitSteady();
    assertThat(rig.engine.actions().stream().skip(before))
        .singleElement()
        .isInstanceOf(Action.StartContainer.class);
    assertThat(rig.events)
        .anyMatch(e -> e.kind().equals("action") && e.why().contains("stopped by hand"));
  }

  @Test
  void what_is_restarted_by_hand_is_not_started_by_the_agent_too() {
    var before = rig.engine.actions().size();
    rig.engine.restartedByHand(GATE);
    rig.engine.dies(GATE, 1);
    rig.until(() -> rig.engine.actions().size() > before);
    rig.awaitSteady();
    assertThat(rig.engine.actions()).hasSize(before + 1);
    assertThat(rig.events)
        .anyMatch(e -> e.kind().equals("action") && e.why().contains("exited with code 1"));
  }

  @Test
  void what_is_killed_by_hand_while_the_agent_works_on_it_was_killed_by_hand() {
    var isKilled = new AtomicBoolean();
    rig.engine.beforeEach(a -> {
      if (a instanceof Action.RunHooks && isKilled.compareAndSet(false, true)) {
        rig.engine.killedByHand("spinnaker-redis-1");
      }
    });
    rig.give(withPostStart("r2", "1"));
    rig.untilAsserted(() ->
        assertThat(rig.events)
            .anyMatch(e -> e.subject().equals("redis") && e.why().contains("killed by hand")));
  }
}
