package io.armory.agent.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Intents;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Of every stack, stopped as a whole while each of its services uses up whatever it is given.
class StopBudgetTest {
  private static final Duration LEFT = Duration.ofSeconds(40);

  @Test
  void everything_is_stopped_by_the_deadline_however_slowly_each_service_ends() {
    Runs.seeds(seed -> {
      var agent = stopping(seed);
      var deadline = agent.now().plus(LEFT);
      var rounds = stopAll(agent, Optional.of(deadline));
      assertThat(agent.now()).isBeforeOrEqualTo(deadline.plusSeconds(rounds));
    });
  }

  @Test
  void without_a_deadline_every_service_has_its_own_grace() {
    Runs.seeds(seed -> {
      var agent = stopping(seed);
      var plan = agent.plan();
      assertThat(StopBudget.fit(plan, situation(agent), Optional.empty())).isEqualTo(plan);
    });
  }

  @Test
  void past_the_deadline_a_service_still_has_a_second() {
    Runs.seeds(seed -> {
      var agent = stopping(seed);
      var late = Optional.of(agent.now().minusSeconds(60));
      assertThat(stops(StopBudget.fit(agent.plan(), situation(agent), late)))
          .allSatisfy(s -> assertThat(s.grace()).isLessThanOrEqualTo(Duration.ofSeconds(1)));
    });
  }

  private static TinyAgent stopping(int seed) {
    var agent = Runs.fresh(seed, false);
    Runs.converge(agent, 0);
    var stopped = new HashMap<String, Intents.Stopped>();
    agent
        .desired
        .services()
        .keySet()
        .forEach(s -> stopped.put(s, new Intents.Stopped("the drain", agent.now())));
    agent.intents = new Intents(stopped, Map.of(), false);
    return agent;
  }

  /// @return how many rounds of stops it took
  private static int stopAll(TinyAgent agent, Optional<Instant> deadline) {
    for (var round = 0; round < 100; round++) {
      var stops = stops(StopBudget.fit(agent.plan(), situation(agent), deadline));
      if (stops.isEmpty()) {
        assertThat(agent.observed().containers()).noneMatch(Slot::isActive);
        return round;
      }
      var longest = Duration.ZERO;
      for (var stop : stops) {
        agent.engine.execute(stop, line -> {});
        var takes = stop.grace().multipliedBy(stop.preStop().isEmpty() ? 1 : 2);
        longest = takes.compareTo(longest) > 0 ? takes : longest;
      }
      agent.clock.advance(longest);
    }
    throw new AssertionError("does not end: " + PlanText.write(agent.plan()));
  }

  private static java.util.List<Action.StopContainer> stops(Plan plan) {
    return plan.steps().stream()
        .map(Plan.Step::action)
        .filter(Action.StopContainer.class::isInstance)
        .map(Action.StopContainer.class::cast)
        .toList();
  }

  private static PlanInput situation(TinyAgent agent) {
    return agent.situation(agent.observed(), Set.of());
  }
}
