package io.armory.agent.reconcile.simulation;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.reconcile.simulation.Workload.Flaw;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Everything that happens to a node, at random, until it is left in peace.
final class Faults {
  private final SimulatedNode node;
  private final Duration until;
  private final Random random;
  private int version;

  /// What happened, in words that follow a number, and how often.
  final Map<String, Integer> counts = new TreeMap<>();

  Faults(SimulatedNode node, Duration until, long seed) {
    this.random = new Random(seed);
    this.node = node;
    this.until = until;
  }

  void begin() {
    for (var service : SimulatedStack.SERVICES) {
      node.engine.image(SimulatedStack.image(service, 0));
    }
    node.startAgent();
    next();
  }

  private void next() {
    node.time.in(
        node.between("fault", 2000, 240_000),
        () -> {
          if (node.time.passed().compareTo(until) < 0) {
            one();
            next();
          }
        });
  }

  private void one() {
    switch (random.nextInt(20)) {
      case 0 -> withContainer("crashes", c -> node.engine.dies(c.name(), 1));
      case 1 -> withContainer("runs out of memory", c -> node.engine.runsOutOfMemory(c.name()));
      case 2 -> withContainer("is killed by hand", c -> node.engine.killedByHand(c.name()));
      case 3 -> withContainer("is removed by hand", c -> node.engine.deletedByHand(c.name()));
      case 4 -> withContainer("is restarted by hand", c -> node.engine.restartedByHand(c.name()));
      case 5 -> withContainer("hangs", c -> node.workload.hang(c.id()));
      case 6 -> withContainer("is paused by hand", c -> node.engine.pausedByHand(c.name()));
      case 7 -> withContainer("is stopped by hand", c -> node.engine.stoppedByHand(c.name()));
      case 8 -> engineGone(random.nextInt(3));
      case 9 -> passing("the engine halts", () -> node.halted = true, () -> node.halted = false);
      case 10 ->
          passing("events are lost", () -> node.eventsLost = true, () -> node.eventsLost = false);
      case 11 ->
          passing(
              "the registry is away",
              () -> node.registryAway = true,
              () -> node.registryAway = false);
      case 12 ->
          passing("the disk is full", () -> node.diskFull = true, () -> node.diskFull = false);
      case 13 ->
          passing(
              "the sources are away",
              () -> node.sourcesAway = true,
              () -> node.sourcesAway = false);
      case 14 -> setClock();
      case 15 -> {
        count("kills of the agent");
        node.note(() -> "FAULT the agent is to be killed");
        node.invariants.killAfter(random.nextInt(40));
      }
      case 16 -> networkDeleted();
      case 17, 18 -> release();
      default -> operator();
    }
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  private interface OnContainer {
    void happens(Observation.Container container);
  }

  private void withContainer(String what, OnContainer fault) {
    var running =
        node.engine.containers().stream()
            .filter(Observation.Container::running)
            .sorted(Comparator.comparing(Observation.Container::name))
            .toList();
    if (!running.isEmpty()) {
      var one = running.get(random.nextInt(running.size()));
      count("times a container " + what);
      node.note(() -> "FAULT " + one.name() + " " + what);
      node.invariants.touched(one.service());
      fault.happens(one);
    }
  }

  private void passing(String what, Runnable begin, Runnable end) {
    count("times " + what);
    var lasts = node.between("passing", 500, 200_000);
    node.note(() -> "FAULT " + what + " for " + lasts.toSeconds() + " s");
    node.invariants.hampered();
    begin.run();
    node.time.in(
        lasts,
        () -> {
          node.note(() -> "FAULT is over: " + what);
          node.invariants.hampered();
          end.run();
        });
  }

  /// The engine is restarted: with its containers alive, with them ended, or without them.
  private void engineGone(int how) {
    passing(
        "the engine is gone",
        () -> node.engine.unavailable("connection refused"),
        () -> {
          for (var c : node.engine.containers()) {
            node.invariants.touched(c.service());
            if (how == 1 && c.active()) {
              node.engine.dies(c.name(), 137);
            } else if (how == 2) {
              node.engine.deletedByHand(c.name());
            }
          }
          node.engine.available();
        });
  }

  private void setClock() {
    var by = Duration.ofSeconds(random.nextLong(-3600, 3600));
    count("changes of the clock");
    node.note(() -> "FAULT the clock is set by " + by);
    node.time.set(by);
  }

  private void networkDeleted() {
    count("networks deleted");
    node.note(() -> "FAULT the network is deleted by hand");
    node.invariants.networkTouched();
    node.engine.networkDeletedByHand("spinnaker_default");
  }

  private void release() {
    // A node's first release is a good one: there would be none to go back to.
    if (node.core().flatMap(c -> c.rollout().good()).isEmpty()) {
      return;
    }
    version++;
    count("releases");
    var service =
        SimulatedStack.SERVICES.get(1 + random.nextInt(SimulatedStack.SERVICES.size() - 1));
    var how = random.nextInt(6);
    for (var s : SimulatedStack.SERVICES) {
      if (how != 5 || !s.equals(service)) {
        node.engine.pullable(SimulatedStack.image(s, version));
      }
    }
    switch (how) {
      case 0 -> node.workload.flaw(service, version, Flaw.NEVER_WELL);
      case 1 -> node.workload.flaw(service, version, Flaw.CRASHES);
      case 2 -> node.workload.flaw(service, version, Flaw.FALLS_OVER);
      default -> {}
    }
    node.note(() ->
        "FAULT release r%d: %s"
            .formatted(
                version,
                List.of("never well", "crashes", "falls over", "good", "good", "no image").get(how)
                    + (how < 3 || how == 5 ? " (" + service + ")" : "")));
    node.desired = SimulatedStack.revision(version);
    if (node.approval.equals(Approval.MANUAL) && version % 3 != 0) {
      node.time.in(node.between("approval", 1000, 300_000), this::approve);
    }
    if (random.nextBoolean()) {
      node.sync();
    }
  }

  private void approve() {
    node.core()
        .ifPresent(core ->
            node.ask(() ->
                core.awaits()
                    .ifPresent(r -> {
                      count("approvals");
                      node.note(() -> "FAULT an operator approves " + r);
                      node.invariants.approved(r.id());
                      core.approve(r, "ann");
                    })));
  }

  private void operator() {
    var service = SimulatedStack.SERVICES.get(random.nextInt(SimulatedStack.SERVICES.size()));
    count("commands of operators");
    switch (random.nextInt(3)) {
      case 0 -> {
        node.note(() -> "FAULT an operator restarts " + service);
        allTouched();
        node.core()
            .ifPresent(core ->
                node.ask(() -> {
                  var all = new HashMap<>(core.wishes().intents().restarts());
                  all.put(service, core.now());
                  core.wishes().intend(new Intents(core.wishes().intents().stopped(), all, false));
                }));
      }
      case 1 -> {
        node.note(() -> "FAULT an operator stops " + service);
        allTouched();
        stopped(service, true);
        node.time.in(
            node.between("stopped", 5000, 180_000),
            () -> {
              node.note(() -> "FAULT an operator starts " + service);
              allTouched();
              stopped(service, false);
            });
      }
      default -> {
        node.note(() -> "FAULT an operator wants the sources read");
        node.sync();
      }
    }
  }

  /// What depends on it may be restarted, too.
  private void allTouched() {
    SimulatedStack.SERVICES.forEach(node.invariants::touched);
  }

  private void stopped(String service, boolean is) {
    node.core()
        .ifPresentOrElse(
            core ->
                node.ask(() -> {
                  var all = new HashMap<>(core.wishes().intents().stopped());
                  if (is) {
                    all.put(service, new Stopped("ann", core.now()));
                  } else {
                    all.remove(service);
                  }
                  core.wishes().intend(new Intents(all, core.wishes().intents().restarts(), false));
                }),
            () -> {
              // Who finds no agent tries again.
              node.time.in(Duration.ofSeconds(10), () -> stopped(service, is));
            });
  }
}
