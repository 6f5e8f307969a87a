package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.Control.SyncRequest;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is left over and cannot be removed is a nuisance, and decides about nothing.
@Timeout(600)
class HousekeepingTest {
  @AutoClose private final Rig rig = new Rig(Duration.ofSeconds(8));

  @BeforeEach
  void up() {
    rig.startSteady(chain("r1", "1"), "1", "2");
    rig.engine.failNext(
        Integer.MAX_VALUE,
        Action.RemoveContainer.class::isInstance,
        new Failure(Failure.Kind.TRANSIENT, "unlinkat: operation not permitted"));
  }

  @Test
  void a_predecessor_that_cannot_be_removed_fails_no_release() throws Exception {
    rig.give(chain("r2", "2"));

    var outcome =
        rig.answer(rig.desk.sync(new SyncRequest(false, Duration.ofMinutes(1)), line -> {}));

    assertThat(outcome).as(outcome.toString()).isInstanceOf(Outcome.Done.class);
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(rig.events).noneMatch(e -> e.what().contains("going back"));
    assertThat(rig.report().problems())
        .extracting(Problem::what)
        .anyMatch(
            w -> w.startsWith("unlinkat: operation not permitted") && w.contains("docker rm"));
    assertThat(rig.report().replace().holds()).isFalse();
  }

  @Test
  void it_puts_no_repair_off_and_is_no_crash_of_the_service() {
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    var tries = removals();
    rig.until(() -> removals() >= tries + 3);

    rig.engine.dies(running("gate"), 1);

    rig.until(() -> rig.restarts("gate") == 1 && rig.isReady());
    assertThat(rig.service("gate").orElseThrow().lastFailure().orElseThrow().what())
        .doesNotContain("unlinkat");
  }

  private long removals() {
    return rig.engine.actions().stream().filter(Action.RemoveContainer.class::isInstance).count();
  }

  private String running(String service) {
    return rig.engine.containers().stream()
        .filter(c -> c.service().equals(service) && c.running())
        .findFirst()
        .orElseThrow()
        .name();
  }
}
