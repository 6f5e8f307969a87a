package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure.Blame;
import io.armory.agent.domain.report.HealthReport.Phase;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// An engine that cannot be read while a service is down asks for another instance only where it is
/// the engine's fault, and from when that is so.
@Timeout(600)
class OwnFaultTest {
  private static final Duration WINDOW = Duration.ofSeconds(2);

  @AutoClose private final Rig rig = new Rig(Duration.ofSeconds(8));

  @BeforeEach
  void up() {
    rig.window = WINDOW;
    rig.images("1");
    rig.give(chain("r1", "1"));
    rig.restart(Duration.ofSeconds(8));
    rig.awaitSteady();
  }

  private void goesBlind(Blame blame) {
    rig.sick.add("gate");
    rig.engine.unavailable("permission denied", blame);
    rig.until(() -> rig.report().phase() == Phase.BLIND);
    rig.until(() -> rig.service("gate").filter(s -> !s.isUp()).isPresent());
  }

  @ParameterizedTest
  @EnumSource(value = Blame.class, names = "ENGINE", mode = EnumSource.Mode.EXCLUDE)
  void who_is_not_let_in_asks_for_no_other_instance(Blame blame) {
    goesBlind(blame);
    rig.during(WINDOW.multipliedBy(2), () -> !rig.report().replace().holds());
  }

  @Test
  void the_window_begins_when_it_is_the_engines_fault() {
    goesBlind(Blame.UNKNOWN);
    rig.during(WINDOW.multipliedBy(2), () -> !rig.report().replace().holds());
    rig.engine.unavailable("nothing listens", Blame.ENGINE);
    rig.until(() -> rig.report().replace().reason().contains("nothing listens"));
    assertThat(rig.report().replace().reason()).contains("repair has until");
    rig.until(() -> rig.report().replace().holds());
  }
}
