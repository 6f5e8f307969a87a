package io.armory.agent.plan;

import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.ContainerSpec.Healthcheck;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Service.Condition;
import io.armory.agent.domain.stack.Service.Dependency;
import io.armory.agent.domain.stack.Service.PullPolicy;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;

/// A stack from a seed: servers and tasks, every kind of dependency, networks, volumes, fixed
/// ports, sidecars, replicas, successors that start first. Every one of them can be brought up.
final class RandomStack {
  static final String PROJECT = "p";

  private final long seed;
  private final boolean plain;
  private final List<String> servers = new ArrayList<>();
  private final List<String> tasks = new ArrayList<>();

  /// @param plain without what takes more than one service down at once by design: sidecars and
  ///   `restart: true`
  RandomStack(long seed, boolean plain) {
    this.seed = seed;
    this.plain = plain;
  }

  Set<String> tasks() {
    return Set.copyOf(tasks);
  }

  Stack make(int count) {
    return make(count, i -> false);
  }

  /// @param changed which services are others than the seed makes; servers stay servers and tasks
  ///   tasks
  Stack make(int count, IntPredicate changed) {
    servers.clear();
    tasks.clear();
    var stack = SampleStack.of(PROJECT).network("front").network("back").volume("data");
    for (int i = 0; i < count; i++) {
      service(stack, i, Runs.random(seed * 1000 + i + (changed.test(i) ? 500 : 0)));
    }
    return stack.build();
  }

  private void service(SampleStack stack, int index, Random random) {
    var name = "s" + index;
    var task = index > 0 && index % 3 == 2;
    stack.service(
        name,
        "image-" + index + ":" + random.nextInt(2),
        s -> {
          depend(s, random);
          if (task) {
            s.restart("on-failure", 0);
          } else {
            server(s, 9000 + index, random);
          }
          s.definition("d" + Integer.toHexString(s.build().container().toString().hashCode()));
        });
    (task ? tasks : servers).add(name);
  }

  private void server(SampleService s, int port, Random random) {
    s.restart(random.nextBoolean() ? "always" : "unless-stopped", 0);
    s.pullPolicy(random.nextInt(4) == 0 ? PullPolicy.Plain.ALWAYS : PullPolicy.Plain.MISSING);
    if (random.nextBoolean()) {
      s.healthcheck(new Healthcheck(List.of("CMD", "true"), null, null, null, null, null));
    }
    if (!plain && !servers.isEmpty() && random.nextInt(6) == 0) {
      var parent = servers.getLast();
      s.mode(new Networking.Mode.OfService(parent));
      s.dependsOn(parent, new Dependency(Condition.STARTED, random.nextBoolean(), true));
      return;
    }
    if (random.nextBoolean()) {
      s.on("front");
    }
    if (random.nextBoolean()) {
      s.on("back");
    }
    switch (random.nextInt(6)) {
      case 0 -> s.replicas(2 + random.nextInt(2));
      case 1 -> s.identity("the-" + port, null, null);
      case 2, 3 -> s.port(null, Integer.toString(port), 80);
      default ->
          s.mounts(
              new Storage.VolumeMount("data", "/data", false, false, null, Map.of()),
              new Storage.VolumeMount(null, "/tmp", false, false, null, Map.of()));
    }
    if (random.nextInt(3) == 0) {
      s.startFirst();
    }
  }

  private void depend(SampleService s, Random random) {
    for (var d : servers) {
      if (random.nextInt(3) == 0) {
        var condition = random.nextBoolean() ? Condition.HEALTHY : Condition.STARTED;
        s.dependsOn(
            d, new Dependency(condition, !plain && random.nextInt(3) == 0, random.nextBoolean()));
      }
    }
    for (var d : tasks) {
      if (random.nextInt(3) == 0) {
        var condition = random.nextBoolean() ? Condition.COMPLETED_SUCCESSFULLY : Condition.STARTED;
        s.dependsOn(d, new Dependency(condition, false, true));
      }
    }
  }
}
