package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.published;
import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.FakeSharedRedis;
import io.armory.agent.port.TurnStore;
import io.armory.agent.reconcile.shared.ClusterPorts;
import io.armory.agent.reconcile.shared.TurnSettings;
import io.armory.agent.reconcile.turn.FakeTurnStore;
import io.armory.agent.reconcile.turn.TurnTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/// Nodes, whole but for their engines, that share one store and one time.
final class NodeGroup {
  private static final RemoteRedis REDIS =
      new RemoteRedis(
          "redis", 6379, false, "", new Secret(""), Optional.empty(), Set.of("gate"), false);
  private static final TurnTimes TIMES = new TurnTimes(Duration.ofMillis(1500));
  private static final Duration NOTICED = Duration.ofMillis(300);
  static final Duration BAKE = Duration.ofMillis(800);
  static final Duration ROLLOUT = Duration.ofSeconds(3);

  final SteppedThreads time;
  final FakeTurnStore store;
  final List<Rig> nodes = new ArrayList<>();

  /// Of agents that start from now on.
  Approval approval = Approval.AUTO;

  /// The most that were not ready in one moment since all were.
  int most;

  /// Who had a revision in force that is not good yet, and no turn.
  final Set<String> unturned = new TreeSet<>();

  NodeGroup(SteppedThreads time) {
    this.time = time;
    this.store = new FakeTurnStore(time::millis);
  }

  void start(int count) {
    for (var n = 1; n <= count; n++) {
      nodes.add(new Rig(time, ROLLOUT, "n" + n, ports()));
    }
    for (var node : nodes) {
      node.images("1");
      node.images("2");
      node.images("3");
      node.give(release("1"));
      node.bake = BAKE;
      node.approval = approval;
      node.restart(ROLLOUT);
    }
    nodes.forEach(Rig::awaitSteady);
    until(() -> nodes.stream().allMatch(n -> group(n).nodes().size() == count));
    until(() -> group(nodes.getFirst()).nodes().stream().allMatch(GroupReport.Node::ready));
    time.start("counts", this::count);
  }

  void until(BooleanSupplier condition) {
    nodes.getFirst().until(condition);
  }

  ClusterPorts ports() {
    var redis = new Redis();
    return new ClusterPorts(
        redis,
        redis,
        Optional.empty(),
        Optional.of(TurnSettings.of(TIMES, MaxUnavailable.ONE, NOTICED, BAKE)));
  }

  static GroupReport group(Rig node) {
    return node.report()
        .shared()
        .group()
        .orElse(new GroupReport(List.of(), "", Optional.empty(), "", List.of(), ""));
  }

  static Revision release(String version) {
    var r =
        revision(
            "r" + version,
            service("redis", "1", List.of()),
            service("front50", version, List.of("redis")),
            published("gate", version, List.of("front50")));
    return new Revision(
        r.id(),
        "ha",
        r.stack(),
        r.files(),
        "release: " + version,
        "",
        List.of(),
        Optional.of(REDIS),
        Map.of());
  }

  void give(String version) {
    nodes.forEach(n -> n.give(release(version)));
  }

  private void count() {
    try {
      while (true) {
        most = Math.max(most, (int) nodes.stream().filter(n -> !n.isReady()).count());
        for (var n = 1; n <= nodes.size(); n++) {
          var core = nodes.get(n - 1).loop.core();
          var good = core.rollout().good().map(Revision::id);
          var inForce = core.revision().map(Revision::id);
          if (good.isPresent()
              && inForce.isPresent()
              && !good.equals(inForce)
              && !store.hasTurn("n" + n)) {
            unturned.add("n" + n + ": " + inForce.get());
          }
        }
        time.sleep(Duration.ofMillis(20));
      }
    } catch (InterruptedException e) {
      // The test is over.
    }
  }

  static String runs(Rig node) {
    return node.report().revision().map(r -> r.id()).orElse("");
  }

  boolean isDone(String revision) {
    return nodes.stream().allMatch(n -> runs(n).equals(revision) && n.isReady())
        && group(nodes.getFirst()).nodes().stream().allMatch(n -> n.changesTo().isEmpty());
  }

  void close() {
    nodes.forEach(Rig::close);
  }

  /// Nobody is elected here.
  private final class Redis extends FakeSharedRedis {
    @Override
    public TurnStore turns(RemoteRedis redis, String group) {
      return store;
    }

    @Override
    public Duration uptime() {
      return Duration.ofNanos(time.nanos());
    }
  }
}
