package io.armory.agent.reconcile.turn;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.TurnStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/// What Redis does, without the network. It passes the same contract as the real one.
public final class FakeTurnStore implements TurnStore {
  private final LongSupplier clock;
  private State state = new State();

  /// Whether it answers.
  public volatile boolean out;

  private int epochs;

  private record Expiring<T>(T what, long until) {}

  private static final class State {
    final TreeMap<String, Expiring<Member>> members = new TreeMap<>();
    final TreeMap<String, Expiring<Holder>> holders = new TreeMap<>();
    final TreeMap<String, HeldBack> heldBack = new TreeMap<>();
    final TreeMap<String, Approved> approved = new TreeMap<>();
    long token;
    String epoch = "";
    long born;

    State copy() {
      var copy = new State();
      copy.members.putAll(members);
      copy.holders.putAll(holders);
      copy.heldBack.putAll(heldBack);
      copy.approved.putAll(approved);
      copy.token = token;
      copy.epoch = epoch;
      copy.born = born;
      return copy;
    }
  }

  public FakeTurnStore(LongSupplier clock) {
    this.clock = clock;
  }

  public void forget() {
    state = new State();
  }

  /// What the nodes wait for has failed on another one, which has told so and is gone.
  public synchronized void fails(String revision, String node, String why) {
    state.members.values().stream()
        .flatMap(m -> m.what().wants().stream())
        .filter(w -> w.revision().equals(revision))
        .findFirst()
        .ifPresent(w ->
            state.heldBack.put(
                w.digest(), new HeldBack(w, node, why, java.time.Instant.EPOCH, false)));
  }

  /// A node that is not ready, and not heard of again.
  public synchronized void joins(String node, Duration ttl, String why) {
    var member =
        new Member(
            node,
            "ha",
            false,
            why,
            java.time.Instant.EPOCH,
            "r1",
            "",
            java.util.Optional.empty(),
            0,
            "1");
    state.members.put(node, new Expiring<>(member, clock.getAsLong() + ttl.toMillis()));
  }

  public boolean hasTurn(String node) {
    return state.holders.containsKey(node);
  }

  public boolean isHeldBack(String digest) {
    return state.heldBack.containsKey(digest);
  }

  public boolean isApproved() {
    return !state.approved.isEmpty();
  }

  /// A copy of everything, as a replica has it; run: it takes over.
  public Runnable replica() {
    var copy = state.copy();
    return () -> state = copy.copy();
  }

  @Override
  public synchronized Outcome<Board> exchange(
      Member me, Duration ttl, Step step, long highest, List<HeldBack> known) {
    if (out) {
      return Outcome.failed(Failure.Kind.TIMEOUT, "no answer");
    }
    var now = clock.getAsLong();
    if (state.epoch.isEmpty()) {
      state.epoch = "e" + ++epochs;
      state.born = now;
    }
    state.token = Math.max(state.token, highest);
    state.members.values().removeIf(e -> e.until <= now);
    state.holders.values().removeIf(e -> e.until <= now);
    state.members.put(me.node(), new Expiring<>(me, now + ttl.toMillis()));
    known.forEach(h -> state.heldBack.putIfAbsent(h.change().digest(), h));
    step(me.node(), now + ttl.toMillis(), step);
    return Outcome.done(
        new Board(
            new ArrayList<>(state.members.values().stream().map(Expiring::what).toList()),
            new ArrayList<>(state.holders.values().stream().map(Expiring::what).toList()),
            new ArrayList<>(state.heldBack.values()),
            new ArrayList<>(state.approved.values()),
            state.token,
            state.epoch,
            now,
            Duration.ofMillis(now - state.born)));
  }

  private void step(String me, long until, Step step) {
    var before = state.holders.get(me);
    switch (step) {
      case Step.Tell _ -> {}
      case Step.Take(var change, var since, var token, var epoch) -> {
        if (state.token == token && state.epoch.equals(epoch)) {
          give(me, change, since, until);
        }
      }
      case Step.Force(var change, var since) -> give(me, change, since, until);
      case Step.Keep(var held, var restores) -> {
        if (before != null && before.what.token() == held.token()) {
          state.holders.put(me, new Expiring<>(before.what, until));
        } else if (before == null && restores.isPresent() && !restores.get().equals(state.epoch)) {
          give(me, held.change(), held.since(), until);
        }
      }
      case Step.Fail(var what) -> {
        var known = state.heldBack.get(what.change().digest());
        if (known == null || before != null) {
          state.heldBack.put(what.change().digest(), what);
        }
      }
      case Step.Lift(var digest) ->
          state.heldBack.computeIfPresent(
              digest, (d, h) -> new HeldBack(h.change(), h.node(), h.reason(), h.at(), true));
      case Step.Approve(var what) -> state.approved.put(what.change().digest(), what);
      case Step.Withdraw(var digest) -> state.approved.remove(digest);
      case Step.Pass(var held) -> {
        if (before != null && before.what.token() == held.token()) {
          state.holders.remove(me);
        }
      }
    }
  }

  private void give(String me, Change change, java.time.Instant since, long until) {
    state.token++;
    state.holders.put(me, new Expiring<>(new Holder(me, state.token, change, since), until));
  }

  @Override
  public void close() {}
}
