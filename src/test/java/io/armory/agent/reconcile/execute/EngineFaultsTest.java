package io.armory.agent.reconcile.execute;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Blame;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.health.NodeFault;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// From a refusal of the engine to the verdict that only another node helps.
class EngineFaultsTest {
  private static final Instant NOW = Instant.parse("2026-08-01T12:00:00Z");
  private static final Duration WINDOW = Duration.ofMinutes(15);

  private final EngineFaults trouble = new EngineFaults();

  /// A service down, the window long over: whatever kind of failure it is, only the engine's own
  /// fault asks for another node.
  @ParameterizedTest
  @EnumSource(Blame.class)
  void only_the_engines_own_fault_asks_for_another_node(Blame blame) {
    for (var kind : Failure.Kind.values()) {
      trouble.forget();
      fails(new Failure(kind, "no", blame), NOW);
      var later = NOW.plus(WINDOW).plus(WINDOW);
      fails(new Failure(kind, "still no", blame), later);
      assertThat(verdict(Optional.of("gate"), later).holds())
          .as("%s, %s", kind, blame)
          .isEqualTo(blame == Blame.ENGINE);
      assertThat(verdict(Optional.empty(), later).holds()).as("nothing down: %s", kind).isFalse();
    }
  }

  @Test
  void a_failure_of_another_fault_ends_what_was_held_against_the_engine() {
    fails(new Failure(Failure.Kind.TRANSIENT, "shim is gone", Blame.ENGINE), NOW);
    assertThat(trouble.worst().orElseThrow().service()).contains("gate");
    fails(new Failure(Failure.Kind.TRANSIENT, "collector is away", Blame.OUTSIDE), NOW);
    assertThat(trouble.worst()).isEmpty();
  }

  private Verdict verdict(Optional<String> down, Instant now) {
    var facts =
        new NodeFault.Facts(
            trouble.worst(), true, down, Optional.empty(), Optional.empty(), WINDOW);
    return NodeFault.of(facts, new Verdict(false, "", NOW), now);
  }

  private void fails(Failure failure, Instant at) {
    var step = new Plan.Step(new Action.StartContainer("gate", "p-gate-1", "1"), "it is down");
    trouble.acted(new Message.Acted(step, Outcome.failed(failure), Duration.ZERO), at);
  }
}
