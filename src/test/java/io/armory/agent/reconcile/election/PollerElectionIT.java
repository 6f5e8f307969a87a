package io.armory.agent.reconcile.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.redis.RedisClient;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.Lease;
import io.armory.agent.port.PollerGate;
import io.armory.agent.reconcile.driver.SystemThreads;
import io.armory.agent.rig.RedisServer;
import io.armory.agent.rig.Sheet;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Three nodes' elections on their own threads and a real Redis that hangs, crashes, forgets and is
/// tampered with, while agents crash, fall silent and resign. Never do the pollers of two nodes run
/// at once, and once all is well again, one polls.
@Execution(ExecutionMode.CONCURRENT)
class PollerElectionIT {
  private static final Duration FOR =
      Boolean.getBoolean("armory.long")
          ? Duration.ofMinutes(5)
          : Duration.ofSeconds(Sheet.size("failovers.seconds", 14));
  private static final LeaseTimes TIMES = new LeaseTimes(Duration.ofSeconds(2));
  private static final String KEY = "armory-agent:{preprod}:poller";

  private final long seed = Sheet.seed("failovers");
  private final Random random = new Random(seed);
  private final RedisServer redis = new RedisServer("");
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> story = new CopyOnWriteArrayList<>();
  private final List<String> twos = new CopyOnWriteArrayList<>();

  /// That came into force. Not their tokens: a store that forgot may give a number twice.
  private final Set<Lease.Grant> grants = ConcurrentHashMap.newKeySet();

  private volatile boolean over;

  /// A node: its election, and its pollers with the watch they keep on themselves.
  private final class Node implements PollerGate {
    private final String name;
    private volatile PollerElection election = elect();
    private volatile Duration dead = Duration.ZERO;
    private volatile boolean running;

    /// Times that its pollers were started.
    private final AtomicInteger lives = new AtomicInteger();

    volatile boolean silent;

    Node(String name) {
      this.name = name;
      election.start();
    }

    private PollerElection elect() {
      return new PollerElection(
          new RedisClient(), this, TIMES, InstantSource.system(), new SystemThreads(), () -> {});
    }

    /// As the loop does: it runs the pollers while the lease holds, and says how they are.
    void pass() {
      if (silent) {
        return;
      }
      var began = uptime();
      var was = running;
      var holds = election.holds();
      if (holds && !was) {
        lives.incrementAndGet();
      }
      running = holds;
      if (running) {
        election.standing().grant().ifPresent(grants::add);
      }
      var quiet = was || running ? null : began;
      election.hear(Optional.of(place()), true, quiet);
    }

    boolean polls() {
      return running && uptime().compareTo(dead) < 0;
    }

    /// The agent only: what it started goes on until its own watch ends it.
    void crash() {
      election.close();
      election = elect();
      election.start();
    }

    private PollerElection.Place place() {
      return new PollerElection.Place(
          new RemoteRedis(
              "127.0.0.1",
              redis.port(),
              false,
              "",
              new Secret(""),
              Optional.empty(),
              Set.of(),
              false),
          "preprod",
          name);
    }

    @Override
    public Duration uptime() {
      return Duration.ofNanos(System.nanoTime());
    }

    @Override
    public Outcome<String> open(Duration term, Duration killed) {
      dead = killed;
      return Outcome.done("");
    }

    @Override
    public Outcome<String> holder(String node) {
      return Outcome.done(node + "/1");
    }
  }

  @Test
  void two_nodes_never_poll_at_once_and_one_does_when_all_is_well() {
    for (var n = 0; n < 3; n++) {
      nodes.add(new Node("i-" + n));
    }
    var loops = Thread.ofPlatform().daemon().start(() -> repeat(50, this::pass));
    var counter = Thread.ofPlatform().daemon().start(() -> repeat(10, this::count));
    try {
      awaitOne("elected at first");
      var end = System.nanoTime() + FOR.toNanos();
      while (System.nanoTime() < end) {
        trouble();
        goOn(random.nextInt(1500));
      }
      heal();
      awaitOne("all is well again");
      handOver();
    } finally {
      over = true;
      nodes.forEach(n -> n.election.close());
      redis.close();
      join(loops);
      join(counter);
    }

    assertThat(twos).as("seed %d: %s", seed, story).isEmpty();
    assertThat(grants).as("seed %d: %s", seed, story).hasSizeGreaterThan(2);
    Sheet.count("failovers", "leases given by a real Redis in trouble", grants.size(), seed);
    Sheet.count("failovers", "faults of that Redis and of three agents", story.size(), seed);
  }

  /// Trouble that never leaves a lease's time of quiet may keep every node from being elected, and
  /// how often it does depends on the machine. So the story ends with as many calm handovers as are
  /// wanting for three holders.
  private void handOver() {
    var end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (grants.size() <= 2 && System.nanoTime() < end) {
      story.add("handover");
      var given = nodes.stream().filter(n -> n.running).map(n -> n.election.resign()).toList();
      given.forEach(g -> assertThat(g).as("seed %d", seed).succeedsWithin(40, TimeUnit.SECONDS));
      awaitOne("handed over");
      heal();
    }
  }

  private void heal() {
    nodes.forEach(n -> {
      n.silent = false;
      n.election.resume();
    });
  }

  private void trouble() {
    var node = nodes.get(random.nextInt(nodes.size()));
    var what = random.nextInt(8);
    story.add(what + " " + node.name);
    switch (what) {
      case 0 -> {
        redis.pause();
        goOn(random.nextInt(3000));
        redis.goOn();
      }
      case 1 -> redis.command("DEL", KEY);
      case 2 -> redis.command("FLUSHALL");
      case 3 -> {
        redis.kill();
        redis.startAnew();
      }
      case 4 -> node.crash();
      case 5 -> node.silent = !node.silent;
      case 6 -> {
        var _ = node.election.resign();
      }
      default -> heal();
    }
  }

  private void pass() {
    nodes.forEach(Node::pass);
  }

  /// The nodes are looked at one after the other, and this thread may be kept from it meanwhile for
  /// as long as a handover takes: two poll at once only if both still do when the second was seen.
  private void count() {
    var polling = polling();
    if (polling.size() > 1) {
      polling.entrySet().retainAll(polling().entrySet());
    }
    if (polling.size() > 1) {
      twos.add(polling.keySet() + " after " + story);
    }
  }

  /// Name → which life of its pollers it is.
  private Map<String, Integer> polling() {
    var all = new TreeMap<String, Integer>();
    for (var node : nodes) {
      var life = node.lives.get();
      if (node.polls()) {
        all.put(node.name, life);
      }
    }
    return all;
  }

  private void awaitOne(String why) {
    await(why + ", seed " + seed).atMost(40, TimeUnit.SECONDS).until(() -> polling().size() == 1);
  }

  private void repeat(long millis, Runnable step) {
    while (!over) {
      step.run();
      goOn(millis);
    }
  }

  private static void goOn(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private static void join(@Nullable Thread thread) {
    try {
      if (thread != null) {
        thread.join(Duration.ofSeconds(10));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
