package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.replicas;
import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.ServiceReport.State;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Revision;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A service of several containers, one of which cannot be mended.
@Timeout(600)
class BrokenReplicaTest {
  private static final String BROKEN = "spinnaker-gate-1";

  @AutoClose private final Rig rig = new Rig(Duration.ofDays(10));
  private final TurnedClock clock = rig.turned();

  @BeforeEach
  void up() {
    rig.clock = clock;
    rig.engineFollows = true;
    rig.images("1");
    rig.give(gates("r2", 2));
    rig.restart(Duration.ofDays(10));
    rig.awaitSteady();
    rig.sick.add(BROKEN);
    rig.until(() -> rig.service("gate").filter(s -> s.state() == State.DEGRADED).isPresent());
  }

  @Test
  void scaled_down_to_it_the_service_goes_on_and_it_is_mended_with_patience() {
    rig.give(gates("r1", 1));
    rig.until(() -> {
      clock.turn(Duration.ofSeconds(5));
      return rig.report().plan().waits().stream()
          .anyMatch(w -> w.reason().matches(".*restart container " + BROKEN + " in [3-6]\\d s.*"));
    });
    assertThat(rig.engine.actions()).noneMatch(Action.StopContainer.class::isInstance);
    assertThat(rig.service("gate")).get().matches(s -> s.isUp());

    rig.sick.clear();
    rig.until(() -> {
      clock.turn(Duration.ofSeconds(5));
      return rig.archived.filter(r -> r.id().equals("r1")).isPresent();
    });
    assertThat(rig.engine.containers()).singleElement().matches(c -> c.name().equals(BROKEN));
  }

  private static Revision gates(String id, int replicas) {
    return revision(id, replicas(replicas, service("gate", "1", List.of())));
  }
}
