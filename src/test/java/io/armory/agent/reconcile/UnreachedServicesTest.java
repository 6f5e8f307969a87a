package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.stack.Observation.EngineHealth;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Something else has a container's address.
@Timeout(600)
class UnreachedServicesTest {
  @AutoClose private final Rig rig = new Rig(Duration.ofMinutes(5));

  @BeforeEach
  void up() {
    rig.startSteady(revision("r1", service("gate", "1", List.of())), "1");
  }

  private boolean isSaid() {
    return rig.report().problems().stream()
        .anyMatch(p ->
            p.line().startsWith("service gate: its check inside the container is well, and at ")
                && p.line().contains("the agent hears nothing, after "));
  }

  @Test
  void one_that_is_well_inside_and_silent_at_its_address_is_said_after_three_restarts() {
    rig.sick.add("gate");
    rig.until(() -> {
      // The check that the engine makes inside, of whichever life of the container.
      rig.engine.health("spinnaker-gate-1", EngineHealth.HEALTHY);
      return isSaid();
    });
    assertThat(rig.service("gate").orElseThrow().restarts()).isGreaterThanOrEqualTo(3);
    rig.sick.clear();
    rig.until(() -> rig.report().problems().isEmpty());
  }
}
