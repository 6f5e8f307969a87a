package io.armory.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Service.PullPolicy;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.reconcile.execute.ActionTracker;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// `pull_policy: daily`: what was pulled less than a day ago is not asked for again.
class FreshPullsTest {
  private static final Instant BEGUN = Instant.parse("2026-08-01T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final Stack stack =
      SampleStack.of("p")
          .service("gate", "gate:1", s -> s.pullPolicy(new PullPolicy.Every(DAY)))
          .service("orca", "orca:1", s -> s.pullPolicy(PullPolicy.Plain.ALWAYS))
          .build();

  private final ActionTracker hands =
      new ActionTracker(
          new Effects(),
          new ReconcilerSettings(
              "test",
              "p",
              Duration.ofMinutes(10),
              Duration.ZERO,
              Approval.AUTO,
              new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1)),
              Duration.ofSeconds(5),
              Duration.ofMinutes(1),
              Duration.ofMinutes(15)),
          RandomGenerator.getDefault());

  @Test
  void a_pull_counts_for_a_day_and_beyond_the_revision() {
    assertThat(hands.fresh(stack, BEGUN)).isEmpty();

    pulled("gate:1", Outcome.done(""));
    pulled("orca:1", Outcome.done(""));
    hands.nowRuns(stack);

    assertThat(hands.fresh(stack, BEGUN)).containsExactly("gate:1");
    assertThat(hands.fresh(stack, BEGUN.plus(DAY).minusSeconds(1))).containsExactly("gate:1");
    assertThat(hands.fresh(stack, BEGUN.plus(DAY))).isEmpty();
  }

  @Test
  void a_pull_that_failed_does_not_count() {
    pulled("gate:1", Outcome.failed(Failure.Kind.IMAGE_UNAVAILABLE, "away"));
    assertThat(hands.fresh(stack, BEGUN)).isEmpty();
  }

  @Test
  void one_of_the_future_does_not_count() {
    pulled("gate:1", Outcome.done(""));
    assertThat(hands.fresh(stack, BEGUN.minusSeconds(1))).isEmpty();
  }

  @Test
  void what_no_service_has_any_more_is_forgotten() {
    pulled("gate:1", Outcome.done(""));
    hands.nowRuns(Stack.none("p"));
    assertThat(hands.fresh(stack, BEGUN)).isEmpty();
  }

  @Test
  void to_ask_for_other_services_forgets_nothing() {
    pulled("gate:1", Outcome.done(""));
    assertThat(hands.fresh(Stack.none("p"), BEGUN)).isEmpty();
    assertThat(hands.fresh(stack, BEGUN)).containsExactly("gate:1");
  }

  private void pulled(String image, Outcome<String> end) {
    var step = new Plan.Step(new Action.PullImage("gate", image, null), "its policy");
    hands.ended(new Message.Acted(step, end, Duration.ofMillis(1)), BEGUN);
  }
}
