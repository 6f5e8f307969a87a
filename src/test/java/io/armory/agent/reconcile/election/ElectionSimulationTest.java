package io.armory.agent.reconcile.election;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Lease.Grant;
import io.armory.agent.port.Lease.Renewal;
import io.armory.agent.port.Lease.State;
import io.armory.agent.reconcile.election.Election.Call;
import io.armory.agent.reconcile.election.Election.Wish;
import io.armory.agent.rig.Sheet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Three nodes and a store on a clock of their own, in steps of 100 ms: agents are killed, paused
/// and cut off, calls are slow, the store fails and forgets. Never do the pollers of two nodes run
/// at once, and once all is well again, one polls soon.
@Tag("clockless")
class ElectionSimulationTest {
  private static final int SEEDS =
      Boolean.getBoolean("armory.long") ? 20_000 : Sheet.size("failovers.simulated", 400);
  private static final LeaseTimes TIMES = LeaseTimes.USUAL;
  private static final long STEP = 100;
  private static final long TROUBLED = 600_000;

  /// A lease that runs out, one that vanished in the last moment of the trouble, slow calls.
  private static final long RECOVERY = 2 * TIMES.ttl().toMillis() + 10_000;

  private static final AtomicLong GRANTS = new AtomicLong();

  @AfterAll
  static void note() {
    Sheet.count("failovers", "leases given in simulated groups of three", GRANTS.get(), 0);
  }

  static IntStream seeds() {
    return IntStream.range(0, SEEDS);
  }

  /// What Redis does, without the network.
  private static final class Store {
    @Nullable Grant held;
    long expires;
    long counter;
    long released;

    Optional<Grant> now(long t) {
      if (held != null && t >= expires) {
        held = null;
      }
      return Optional.ofNullable(held);
    }

    State look(long t) {
      var grant = now(t);
      return new State(
          grant,
          Duration.ofMillis(grant.isPresent() ? expires - t : 0),
          counter,
          counter > 0 && released == counter);
    }

    Optional<Grant> acquire(String holder, long last, long above, long t) {
      if (now(t).isPresent() || counter != last) {
        return Optional.empty();
      }
      counter = Math.max(counter, above) + 1;
      held = new Grant(counter, TIMES.ttl(), holder, Instant.EPOCH);
      GRANTS.incrementAndGet();
      expires = t + TIMES.ttl().toMillis();
      return Optional.of(held);
    }

    Renewal renew(Grant grant, long t) {
      var current = now(t);
      if (current.isPresent() ? !current.get().equals(grant) : counter > grant.token()) {
        return new Renewal.Lost();
      }
      if (current.isPresent() && expires - t < TIMES.lastRenewal().toMillis()) {
        return new Renewal.Late();
      }
      expires = t + TIMES.ttl().toMillis();
      if (current.isPresent()) {
        return new Renewal.Renewed();
      }
      counter = grant.token() + 1;
      held = new Grant(counter, grant.ttl(), grant.holder(), grant.since());
      return new Renewal.Restored(held);
    }

    boolean release(Grant grant, long t) {
      if (!now(t).equals(Optional.of(grant))) {
        return false;
      }
      held = null;
      released = grant.token();
      return true;
    }

    void forget(boolean counterToo) {
      held = null;
      if (counterToo) {
        counter = 0;
        released = 0;
      }
    }
  }

  /// One node: its agent may stop at any time; its pollers watch the gate themselves.
  private static final class SimNode {
    final String name;
    Election election;
    long term;
    long dead;
    boolean polls;
    long agentAwayUntil;
    long cutOffUntil;
    long drainedUntil;
    @Nullable Runnable answer;
    long answerAt;
    @Nullable Duration quiet;

    SimNode(String name) {
      this.name = name;
      this.election = new Election(name, TIMES);
    }
  }

  private final Store store = new Store();
  private final List<SimNode> nodes = new ArrayList<>();
  private long outUntil;
  private boolean isWell;
  private long polled;

  @ParameterizedTest
  @MethodSource("seeds")
  void two_nodes_never_poll_at_once(int seed) {
    var random = new Random(seed);
    for (var n = 1; n <= 3; n++) {
      nodes.add(new SimNode("n" + n));
    }
    var healed = 1_000_000 + TROUBLED;
    for (long t = 1_000_000; t < healed + RECOVERY; t += STEP) {
      if (t < healed) {
        trouble(random, t);
      } else if (t == healed) {
        heal(t);
      }
      deliver(t);
      for (var node : nodes) {
        agent(node, random, t);
        pollers(node, t);
      }
      var polling = nodes.stream().filter(n -> n.polls).map(n -> n.name).toList();
      assertThat(polling).as("seed %d, at %d ms", seed, t - 1_000_000).hasSizeLessThanOrEqualTo(1);
      if (t >= healed) {
        polled += polling.size();
      }
    }
    assertThat(polled).as("somebody polls when all is well, seed %d", seed).isPositive();
  }

  private void heal(long t) {
    isWell = true;
    outUntil = t;
    for (var node : nodes) {
      node.agentAwayUntil = t;
      node.cutOffUntil = t;
      node.drainedUntil = t;
    }
  }

  private void trouble(Random random, long t) {
    if (random.nextInt(100) != 0) {
      return;
    }
    var node = nodes.get(random.nextInt(nodes.size()));
    var until = t + random.nextInt(40_000);
    switch (random.nextInt(7)) {
      case 0 -> node.agentAwayUntil = until;
      case 1 -> {
        // Killed, and back later: it knows nothing but its own name.
        node.agentAwayUntil = until;
        node.election = new Election(node.name, TIMES);
        node.answer = null;
      }
      case 2 -> node.cutOffUntil = until;
      case 3 -> node.drainedUntil = until;
      case 4 -> outUntil = t + random.nextInt(15_000);
      case 5 -> store.forget(false);
      default -> {
        if (random.nextInt(3) == 0) {
          store.forget(true);
        }
      }
    }
  }

  private void agent(SimNode node, Random random, long t) {
    if (t < node.agentAwayUntil) {
      return;
    }
    var now = Duration.ofMillis(t);
    var answer = node.answer;
    if (answer != null) {
      if (t < node.answerAt) {
        gate(node, t);
        return;
      }
      node.answer = null;
      answer.run();
    }
    node.quiet = node.polls ? null : now;
    var wish = new Wish(t >= node.drainedUntil, node.quiet);
    var call = node.election.due(wish, now);
    call.ifPresent(c -> ask(node, c, random, t));
    gate(node, t);
  }

  private static void gate(SimNode node, long t) {
    var standing = node.election.standing();
    if (standing.holds(Duration.ofMillis(t))) {
      node.term = standing.from().plus(TIMES.term()).toMillis();
      node.dead = standing.from().plus(TIMES.dead()).toMillis();
      node.polls = true;
    } else if (node.polls && standing.isHeard()) {
      node.term = Math.min(node.term, t);
    }
  }

  private int delay(Random random) {
    return !isWell && random.nextInt(10) == 0 ? random.nextInt(2000) : random.nextInt(50);
  }

  /// A call on its way to the store.
  private record Way(long arrives, Runnable work) {}

  private final List<Way> wire = new ArrayList<>();

  private void deliver(long t) {
    var due = wire.stream().filter(w -> w.arrives <= t).toList();
    wire.removeAll(due);
    due.stream().sorted(Comparator.comparingLong(Way::arrives)).forEach(w -> w.work.run());
  }

  /// Asked now; carried out when it arrives, or not at all; answered later, or never.
  private void ask(SimNode node, Call call, Random random, long t) {
    var asked = Duration.ofMillis(t);
    var way = delay(random);
    var back = delay(random);
    var lost = !isWell && random.nextInt(50) == 0;
    var arrives = t + way;
    node.answerAt = arrives + back + 2 * STEP;
    var reaches = t >= node.cutOffUntil;
    var election = node.election;
    switch (call) {
      case Call.Look _ ->
          send(
              node,
              arrives,
              reaches,
              lost,
              () -> store.look(arrives),
              o -> election.looked(asked, answered(node), o));
      case Call.Acquire(var last, var above) ->
          send(
              node,
              arrives,
              reaches,
              lost,
              () -> store.acquire(node.name, last, above, arrives),
              o -> election.acquired(asked, answered(node), o));
      case Call.Renew(var grant) ->
          send(
              node,
              arrives,
              reaches,
              lost,
              () -> store.renew(grant, arrives),
              o -> election.renewed(asked, answered(node), o));
      case Call.Release(var grant) ->
          send(
              node,
              arrives,
              reaches,
              lost,
              () -> store.release(grant, arrives),
              o -> election.released(answered(node), o));
    }
  }

  private <T> void send(
      SimNode node,
      long arrives,
      boolean reaches,
      boolean lost,
      Supplier<T> work,
      Consumer<Outcome<T>> hear) {
    Outcome<T> nothing = Outcome.failed(Failure.Kind.TIMEOUT, "no answer");
    var result = new AtomicReference<>(nothing);
    node.answer = () -> hear.accept(lost ? nothing : result.get());
    if (reaches) {
      wire.add(
          new Way(
              arrives,
              () -> {
                if (arrives >= outUntil) {
                  result.set(Outcome.done(work.get()));
                }
              }));
    }
  }

  private Duration answered(SimNode node) {
    return Duration.ofMillis(Math.max(node.answerAt, node.agentAwayUntil));
  }

  /// Told to end they take up to two seconds; at the second time they are dead.
  private static void pollers(SimNode node, long t) {
    if (node.polls && (t >= node.dead || t >= node.term + 2000)) {
      node.polls = false;
    }
  }
}
