package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A rollout's time stands still while a data store loads, within reason.
@Timeout(600)
class LoadingTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  @AutoClose private final Rig rig = new Rig(TIMEOUT);

  @BeforeEach
  void up() {
    rig.startSteady(chain("r1", "1"), "1", "2");
    rig.loading.add("redis");
    rig.give(chain("r2", "2"));
  }

  private boolean isRejected() {
    return rig.events.stream().anyMatch(e -> e.what().contains("going back"));
  }

  @Test
  void a_revision_whose_store_loads_is_waited_for_and_becomes_good() {
    rig.during(TIMEOUT.multipliedBy(2), () -> !isRejected());
    rig.loading.clear();
    rig.until(() -> rig.archived.filter(r -> r.id().equals("r2")).isPresent());
    assertThat(isRejected()).isFalse();
  }

  @Test
  void one_that_loads_for_ever_is_not() {
    rig.until(this::isRejected);
  }
}
