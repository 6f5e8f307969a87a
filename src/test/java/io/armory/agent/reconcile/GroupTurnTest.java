package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.published;
import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Control.ApproveRequest;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.port.Lease;
import io.armory.agent.port.PollerGate;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.port.TurnStore;
import io.armory.agent.reconcile.shared.ClusterPorts;
import io.armory.agent.reconcile.shared.TurnSettings;
import io.armory.agent.reconcile.turn.FakeTurnStore;
import io.armory.agent.reconcile.turn.TurnTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Three nodes, whole but for their engines, that share one store.
@Timeout(120)
class GroupTurnTest {
  private static final RemoteRedis REDIS =
      new RemoteRedis("redis", 6379, false, "", new Secret(""), Optional.empty(), Set.of("gate"));
  private static final TurnTimes TIMES = new TurnTimes(Duration.ofMillis(1500));
  private static final Duration NOTICED = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofMinutes(1);

  private final SteppedThreads time = new SteppedThreads();
  private final FakeTurnStore store = new FakeTurnStore(time::millis);
  private final List<Rig> nodes = new ArrayList<>();

  private Approval approval = Approval.AUTO;

  /// The most that were not ready in one moment since all were.
  private volatile int most;

  @AfterEach
  void down() {
    nodes.forEach(Rig::close);
  }

  private void start(int count) {
    for (var n = 1; n <= count; n++) {
      nodes.add(new Rig(time, Duration.ofSeconds(3), "n" + n, ports()));
    }
    for (var node : nodes) {
      node.images("1");
      node.images("2");
      node.images("3");
      node.give(release("1"));
      node.bake = Duration.ofMillis(200);
      node.approval = approval;
      node.restart(Duration.ofSeconds(3));
    }
    nodes.forEach(Rig::awaitSteady);
    until(() -> nodes.stream().allMatch(n -> group(n).nodes().size() == count));
    until(() -> group(nodes.getFirst()).nodes().stream().allMatch(GroupReport.Node::ready));
    time.start("counts", this::count);
  }

  private void until(BooleanSupplier condition) {
    nodes.getFirst().until(condition);
  }

  private ClusterPorts ports() {
    return new ClusterPorts(
        new Redis(),
        new UpSince(),
        Optional.empty(),
        Optional.of(new TurnSettings(TIMES, MaxUnavailable.ONE, NOTICED)));
  }

  private static GroupReport group(Rig node) {
    return node.report()
        .shared()
        .group()
        .orElse(new GroupReport(List.of(), "", Optional.empty(), "", List.of(), ""));
  }

  private static Revision release(String version) {
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
        Optional.of(REDIS));
  }

  private void give(String version) {
    nodes.forEach(n -> n.give(release(version)));
  }

  private void count() {
    try {
      while (true) {
        most = Math.max(most, (int) nodes.stream().filter(n -> !n.isReady()).count());
        time.sleep(Duration.ofMillis(5));
      }
    } catch (InterruptedException e) {
      // The test is over.
    }
  }

  private static String runs(Rig node) {
    return node.report().revision().map(r -> r.id()).orElse("");
  }

  private boolean isDone(String revision) {
    return nodes.stream().allMatch(n -> runs(n).equals(revision) && n.isReady())
        && group(nodes.getFirst()).nodes().stream().allMatch(n -> n.changesTo().isEmpty());
  }

  @Test
  void a_good_release_reaches_all_one_after_the_other_out_of_the_load_balancer_first() {
    start(3);
    give("2");
    until(() -> isDone("r2"));

    assertThat(most).isEqualTo(1);
    for (var node : nodes) {
      var told = node.events.stream().filter(e -> e.kind().equals("turn")).map(e -> e.what());
      assertThat(told)
          .containsExactly(
              "leaves the load balancers", "changes to revision r2", "passes the turn on");
    }
  }

  @Test
  void one_approval_serves_the_group_and_each_still_takes_its_turn() {
    approval = Approval.MANUAL;
    start(3);
    give("2");
    until(() -> nodes.stream().allMatch(GroupTurnTest::awaits));
    assertThat(nodes).allMatch(n -> runs(n).equals("r1") && n.isReady());
    assertThat(group(nodes.getFirst()).nodes()).allMatch(n -> n.waitsFor().isEmpty());

    var request = new ApproveRequest(Optional.of("r2"), "ann", LONG);
    var approving = nodes.get(1).desk.approve(request, line -> {});
    until(() -> isDone("r2"));
    assertThat(most).isEqualTo(1);
    assertThat(nodes.get(1).answer(approving).whyFailed()).isEmpty();
    for (var node : nodes) {
      assertThat(node.desk.history().getLast().trigger()).isEqualTo("approved by ann on n2");
    }

    // Another revision waits anew, and so does the same one later.
    give("3");
    until(() -> nodes.stream().allMatch(GroupTurnTest::awaits));
    give("2");
    until(() -> nodes.stream().noneMatch(GroupTurnTest::awaits));
    give("1");
    until(() -> nodes.stream().allMatch(GroupTurnTest::awaits));
    assertThat(nodes).allMatch(n -> runs(n).equals("r2"));
    until(() -> !store.isApproved());
  }

  private static boolean awaits(Rig node) {
    return node.report().revision().flatMap(r -> r.awaits()).isPresent();
  }

  @Test
  void a_bad_release_runs_on_one_node_and_is_held_back_on_the_others_until_it_is_lifted() {
    start(3);
    nodes.forEach(n -> n.sick.add(n.idOf("image/gate:2")));
    give("2");
    until(() ->
        nodes.stream().filter(n -> rejected(n).contains("as it failed on n")).count() == 2
            && nodes.stream().allMatch(Rig::isReady));

    assertThat(most).isEqualTo(1);
    assertThat(nodes).allMatch(n -> runs(n).equals("r1"));
    var tried = nodes.stream().filter(n -> n.subjectsOf("image/gate:2") > 0).toList();
    assertThat(tried).hasSize(1);
    var other = nodes.stream().filter(n -> !tried.contains(n)).findFirst().orElseThrow();
    var thoughts = other.thoughts.get();
    other.passes(Duration.ofSeconds(10));
    assertThat(other.thoughts.get() - thoughts).as("who waits is idle").isLessThan(400);
    var sync = other.answer(other.desk.sync(new SyncRequest(false, LONG), line -> {}));
    assertThat(sync.whyFailed().orElseThrow().message())
        .contains("revision r2 is held back, as it failed on n", "gate", "sync --retry");

    nodes.forEach(n -> n.sick.clear());
    var lines = new CopyOnWriteArrayList<String>();
    var retried = other.answer(other.desk.sync(new SyncRequest(false, true, LONG), lines::add));
    assertThat(retried.whyFailed()).isEmpty();
    until(() -> isDone("r2"));
    assertThat(most).isEqualTo(1);
  }

  private static String rejected(Rig node) {
    return node.report().revision().flatMap(r -> r.rejected()).orElse("");
  }

  @Test
  void without_the_store_nothing_begins_and_sync_now_does_not_wait() {
    start(2);
    store.out = true;
    give("2");
    var node = nodes.getFirst();
    until(() -> group(node).reason().contains("cannot be asked"));
    assertThat(nodes).allMatch(n -> runs(n).equals("r1"));

    var lines = new CopyOnWriteArrayList<String>();
    var waits = nodes.getLast().desk.sync(new SyncRequest(false, LONG), lines::add);
    until(() -> lines.stream().anyMatch(l -> l.contains("no rollout begins: no answer")));
    var jumps =
        node.answer(node.desk.sync(new SyncRequest(false, false, true, "uid 0", LONG), l -> {}));
    assertThat(jumps.whyFailed()).isEmpty();
    assertThat(runs(node)).isEqualTo("r2");
    assertThat(node.events).anyMatch(e -> e.why().contains("by sync --now, asked for by uid 0"));
    assertThat(waits).isNotDone();

    store.out = false;
    assertThat(node.answer(waits).whyFailed()).isEmpty();
    assertThat(runs(nodes.getLast())).isEqualTo("r2");
  }

  @Test
  void an_agent_that_is_restarted_in_its_turn_goes_on_with_it() {
    start(2);
    nodes.forEach(n -> n.sick.add(n.idOf("image/gate:2")));
    give("2");
    until(() -> nodes.stream().anyMatch(n -> runs(n).equals("r2")));
    var node = nodes.stream().filter(n -> runs(n).equals("r2")).findFirst().orElseThrow();
    var before = node.events.size();
    node.sick.clear();
    nodes.forEach(n -> n.sick.clear());
    node.restart(Duration.ofSeconds(3));

    until(() -> isDone("r2"));
    assertThat(node.events.stream().skip(before).map(e -> e.what()))
        .noneMatch(w -> w.contains("rolling out revision r1"));
  }

  private final class Redis implements SharedRedis {
    @Override
    public Outcome<RedisAnswer> ask(RemoteRedis redis) {
      return Outcome.done(new RedisAnswer(Duration.ofMillis(1), "7.0.15", List.of()));
    }

    @Override
    public TurnStore turns(RemoteRedis redis, String group) {
      return store;
    }

    @Override
    public Lease lease(RemoteRedis redis, String group) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  /// Nobody is elected here.
  private final class UpSince implements PollerGate {
    @Override
    public Duration uptime() {
      return Duration.ofNanos(time.nanos());
    }

    @Override
    public Outcome<String> open(Duration term, Duration dead) {
      return Outcome.done("");
    }

    @Override
    public Outcome<String> holder(String node) {
      return Outcome.done(node);
    }
  }
}
