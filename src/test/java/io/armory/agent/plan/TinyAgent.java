package io.armory.agent.plan;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.ContainerHealth.Verdict;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.FakeEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/// The smallest agent that can live: look, plan, do the steps in any order, again. It can fail,
/// lose answers, and be killed after any action; killed, it forgets everything.
final class TinyAgent {
  private static final Failure FAILURE = new Failure(Failure.Kind.TRANSIENT, "the engine is busy");

  final FakeEngine engine;
  Stack desired;
  Intents intents = Intents.NONE;
  final TestClock clock;
  BiConsumer<Observed, Plan.Step> before = (o, s) -> {};
  BiConsumer<Observed, Plan.Step> after = (o, s) -> {};
  final List<String> trace = new ArrayList<>();
  private final Random random;
  private final Set<String> tasks;
  private final Map<String, PlanInput.Delay> delays = new HashMap<>();
  private final Set<String> pulled = new HashSet<>();
  private final Map<String, Instant> nameless = new HashMap<>();
  final Map<String, Instant> hooked = new HashMap<>();
  private final Map<String, Instant> sick = new HashMap<>();
  private Instant rolloutSince;

  TinyAgent(FakeEngine engine, Random random, Stack desired, Set<String> tasks, TestClock clock) {
    this.engine = engine;
    this.random = random;
    this.desired = desired;
    this.tasks = tasks;
    this.clock = clock;
    this.rolloutSince = clock.instant();
    for (var c : engine.containers()) {
      var started = c.startedAt();
      if (c.id().startsWith("sick") && started != null) {
        sick.put(c.id(), started);
      }
    }
  }

  void adopt(Stack stack) {
    desired = stack;
    rolloutSince = now();
    pulled.clear();
  }

  /// @param trouble chance, in percent, of each kind of trouble at each action
  /// @return whether the plan became empty within the bound
  boolean run(int rounds, int trouble) {
    for (int i = 0; i < rounds; i++) {
      clock.advance(Duration.ofSeconds(1));
      world();
      var plan = plan();
      if (plan.isEmpty() && quiet()) {
        return true;
      }
      apply(plan, trouble);
    }
    return false;
  }

  Instant now() {
    return clock.instant();
  }

  Plan plan() {
    return Planner.plan(situation(observed(), Set.of()));
  }

  PlanInput situation(Observed observed, Set<String> busy) {
    return new PlanInput(
        desired,
        observed,
        health(observed),
        busy,
        intents,
        delays,
        Map.of(),
        rolloutSince,
        hooked,
        Map.of(),
        pulled,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        new PlanInput.Beside(Long.MAX_VALUE, nameless),
        now());
  }

  Observed observed() {
    var scope =
        new Scope(
            desired.project(),
            desired.services().values().stream()
                .map(s -> s.container().image())
                .collect(Collectors.toSet()),
            Set.of(),
            Set.of());
    return switch (engine.observe(scope)) {
      case Observed o -> {
        look(o);
        yield o;
      }
      case Observation.Unavailable u -> throw new AssertionError(u.reason());
    };
  }

  private void look(Observed o) {
    for (var c : o.containers()) {
      if (c.networks().values().stream().anyMatch(e -> e.aliases().contains(c.service()))) {
        nameless.remove(c.id());
      } else {
        nameless.putIfAbsent(c.id(), now());
      }
    }
  }

  Service service(String name) {
    return Objects.requireNonNull(desired.services().get(name), name);
  }

  Map<String, ContainerHealth> health(Observed observed) {
    var all = new HashMap<String, ContainerHealth>();
    for (var c : observed.containers()) {
      var started = c.startedAt();
      if (c.running() && started != null) {
        var slow = started.plusSeconds(Math.floorMod(c.service().hashCode(), 4));
        var verdict =
            started.equals(sick.get(c.id()))
                ? Verdict.UNHEALTHY
                : now().isBefore(slow) ? Verdict.STARTING : Verdict.HEALTHY;
        all.put(c.id(), new ContainerHealth(verdict, "said so", slow, true));
      }
    }
    return all;
  }

  private void apply(Plan plan, int trouble) {
    var steps = new ArrayList<>(plan.steps());
    Collections.shuffle(steps, random);
    for (var step : steps) {
      clock.advance(Duration.ofMillis(10));
      var observed = observed();
      before.accept(observed, step);
      var dice = random.nextInt(100);
      if (dice < trouble) {
        engine.failNext(1, a -> a.equals(step.action()), FAILURE);
      } else if (dice < 2 * trouble) {
        engine.loseAnswerOfNext(1, a -> a.equals(step.action()), FAILURE);
      }
      var outcome = engine.execute(step.action(), line -> {});
      trace.add(step + " → " + outcome);
      learn(step.action(), outcome);
      after.accept(observed(), step);
      if (random.nextInt(100) < trouble) {
        trace.add("killed");
        delays.clear();
        pulled.clear();
        nameless.clear();
        rolloutSince = now();
        return;
      }
    }
  }

  private void learn(Action action, Outcome<String> outcome) {
    var subject = action.subject();
    switch (outcome) {
      case Outcome.Done<String> _ -> {
        delays.remove(subject);
        if (action instanceof Action.PullImage p) {
          pulled.add(p.image());
        } else if (action instanceof Action.TryNetwork tried) {
          pulled.add(PlanInput.trialOf(tried.network()));
        } else if (action instanceof Action.RunHooks h) {
          hooked.put(h.id(), h.startedAt());
        }
      }
      case Outcome.Failed<String>(var failure) ->
          delays.put(
              subject,
              new PlanInput.Delay(now().plus(Duration.ofSeconds(2)), failure.message(), true));
    }
  }

  /// What goes on without the agent: what is being removed or restarted comes to its end.
  private void world() {
    for (var c : observed().containers()) {
      if (c.state() == State.REMOVING && random.nextInt(3) == 0) {
        engine.deletedByHand(c.name());
      } else if (c.state() == State.RESTARTING && random.nextInt(3) == 0) {
        engine.dies(c.name(), 1);
      } else if (c.running() && tasks.contains(c.service()) && random.nextInt(3) == 0) {
        engine.dies(c.name(), 0);
      }
    }
  }

  private boolean quiet() {
    return observed().containers().stream()
        .noneMatch(c ->
            c.state() == State.REMOVING
                || c.state() == State.RESTARTING
                || (c.active()
                    && c.definitionHash().isPresent()
                    && desired.services().containsKey(c.service())
                    && !c.networks().isEmpty()
                    && nameless.containsKey(c.id()))
                || (c.running() && tasks.contains(c.service())));
  }
}
