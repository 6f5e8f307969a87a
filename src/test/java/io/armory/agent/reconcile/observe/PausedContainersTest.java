package io.armory.agent.reconcile.observe;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.reconcile.Rig;
import io.armory.agent.reconcile.TurnedClock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A container that somebody paused is left for a while.
@Timeout(600)
class PausedContainersTest {
  private static final String REDIS = "spinnaker-redis-1";
  @AutoClose private final Rig rig = new Rig(Duration.ofMinutes(5));
  private final TurnedClock clock = rig.turned();

  @BeforeEach
  void up() {
    rig.clock = clock;
    rig.startSteady(chain("r1", "1"), "1");
  }

  @Test
  void a_paused_service_is_left_for_a_minute_said_and_then_resumed() {
    rig.engine.pausedByHand(REDIS);
    rig.until(() -> doing(d -> d.matches("paused by hand \\d+ s ago; .* in \\d+ s")));
    var before = rig.engine.actions().size();
    rig.until(() -> !rig.isReady());

    // What depends on it fails meanwhile, through no fault of its own.
    rig.sick.add("front50");
    clock.turn(PausedContainers.LEFT.minusSeconds(5));
    var thoughts = rig.thoughts.get();
    rig.until(() -> rig.thoughts.get() > thoughts + 1);
    assertThat(rig.engine.actions()).hasSize(before);
    rig.sick.clear();

    clock.turn(Duration.ofSeconds(6));
    rig.until(() -> rig.subjects(Action.UnpauseContainer.class).size() == 1);
    rig.awaitSteady();
    assertThat(rig.restarts("redis")).isZero();
    assertThat(rig.restarts("front50")).isZero();
  }

  @Test
  void in_maintenance_it_is_left_until_the_end_of_that() {
    var until = clock.instant().plusSeconds(3600);
    rig.loop.ask(() ->
        rig.loop
            .core()
            .wishes()
            .maintain(Optional.of(new Maintenance(clock.instant(), until, "backup", "me", false))));
    rig.engine.pausedByHand(REDIS);
    rig.until(() -> doing(d -> d.contains("with the end of the maintenance")));
    clock.turn(Duration.ofMinutes(50));
    var thoughts = rig.thoughts.get();
    rig.until(() -> rig.thoughts.get() > thoughts + 1);
    assertThat(rig.subjects(Action.UnpauseContainer.class)).isEmpty();
    clock.turn(Duration.ofMinutes(11));
    rig.until(() -> rig.subjects(Action.UnpauseContainer.class).size() == 1);
  }

  private boolean doing(Predicate<String> says) {
    return rig.service("redis").map(ServiceReport::doing).filter(says).isPresent();
  }
}
