package io.armory.agent.plan;

import static org.assertj.core.api.Assertions.fail;

import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.FakeEngine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/// Agents on nodes, from seeds, and running them to their end.
final class Runs {
  private static final int SEEDS = 300;
  static final int ROUNDS = 400;

  private Runs() {}

  static void seeds(IntConsumer property) {
    for (int seed = 0; seed < SEEDS; seed++) {
      try {
        property.accept(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  static TinyAgent fresh(int seed, boolean plain) {
    var random = random(seed);
    var clock = new TestClock();
    var engine = new FakeEngine(clock);
    var maker = new RandomStack(seed, plain);
    var stack = maker.make(1 + random.nextInt(7));
    pullable(engine, stack);
    maker.tasks().forEach(t -> engine.script(t, FakeEngine.Behaviour.exits(0)));
    return new TinyAgent(engine, random, stack, maker.tasks(), clock);
  }

  static TinyAgent littered(int seed, boolean plain) {
    var random = random(seed);
    var clock = new TestClock();
    var engine = new FakeEngine(clock);
    var maker = new RandomStack(seed, plain);
    var stack = maker.make(1 + random.nextInt(7));
    pullable(engine, stack);
    stack.services().values().stream()
        .map(s -> s.container().image())
        .filter(i -> random.nextBoolean())
        .forEach(engine::image);
    new RandomNode(random, engine, stack, TestClock.START).litter();
    maker.tasks().forEach(t -> engine.script(t, FakeEngine.Behaviour.exits(0)));
    return new TinyAgent(engine, random, stack, maker.tasks(), clock);
  }

  /// Another revision of the same services; its images can be had from the registry alone.
  static void adoptAnother(TinyAgent agent, int seed, boolean plain) {
    var random = random(seed);
    agent.adopt(
        new RandomStack(seed, plain)
            .make(agent.desired.services().size(), i -> random.nextBoolean()));
    pullable(agent.engine, agent.desired);
  }

  /// Well mixed: small seeds alone give first draws that are much alike.
  static Random random(long seed) {
    return new Random(seed * 0x9E3779B97F4A7C15L + 0x5851F42D4C957F2DL);
  }

  static void pullable(FakeEngine engine, Stack stack) {
    stack.services().values().forEach(s -> engine.pullable(s.container().image()));
  }

  static void converge(TinyAgent agent, int trouble) {
    if (!agent.run(ROUNDS, trouble)) {
      fail(
          "no end in sight:\n%s\n%s\nplan: %s"
              .formatted(
                  agent.trace.stream()
                      .skip(Math.max(0, agent.trace.size() - 30))
                      .collect(Collectors.joining("\n")),
                  agent.observed().containers().stream()
                      .map(
                          c -> c.name() + " " + c.state() + " " + c.definitionHash() + c.networks())
                      .collect(Collectors.joining("\n")),
                  PlanText.write(agent.plan())));
    }
  }

  static Stack shuffled(Stack s, long seed) {
    return new Stack(
        s.project(),
        shuffled(s.services(), seed),
        shuffled(s.networks(), seed),
        shuffled(s.volumes(), seed));
  }

  static <V> Map<String, V> shuffled(Map<String, V> map, long seed) {
    var keys = new ArrayList<>(map.keySet());
    Collections.shuffle(keys, random(seed));
    var shuffled = new LinkedHashMap<String, V>();
    keys.forEach(k -> shuffled.put(k, java.util.Objects.requireNonNull(map.get(k))));
    return shuffled;
  }

  static Observed shuffled(Observed o, long seed) {
    var containers = new ArrayList<>(o.containers());
    var networks = new ArrayList<>(o.networks());
    var volumes = new ArrayList<>(o.volumes());
    Collections.shuffle(containers, random(seed));
    Collections.shuffle(networks, random(seed));
    Collections.shuffle(volumes, random(seed));
    return new Observed(o.at(), o.engine(), containers, networks, volumes, o.images(), List.of());
  }
}
