package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which revision is to run, and how far it is. There is one of these at a time, each with the data
/// that only it has, so that nothing of an earlier revision can be left behind:
///
/// ```
///              adopted      healthy           for `bake`           adopted
/// None ──────────────► RollingOut ──────► Baking ──────► Settled ─────────► RollingOut
///                        │  ▲ │ ▲  not    │                 ▲
///      failed, with none │  │ │ └─────────┤                 │ healthy
///      to go back to     └──┘ │           │ fell over       │
///                             │ failed    └────────► RollingBack ─┐ failed: tried on
///                             └────────────────────►   ▲          │
///                                                      └──────────┘
/// ```
///
/// One with none to go back to, and the last known good one itself, settle without [Baking].
///
/// A revision that is adopted starts from any state anew. The phase that people see is read off the
/// state. Immutable; the transitions are [Rollout]'s.
sealed interface RolloutState {

  /// No revision could be rendered yet.
  record None() implements RolloutState {}

  /// A revision that is not proven yet.
  record RollingOut(Attempt attempt) implements RolloutState {}

  /// The last known good revision, after another one failed, until it is healthy again.
  record RollingBack(Attempt attempt) implements RolloutState {}

  /// A new revision that is healthy as a whole, but not for long enough to be the one to go back
  /// to.
  ///
  /// @param begun when it first became so
  /// @param from since when it is; empty: it is not now
  /// @param mended service → how often it had fallen over before
  record Baking(Attempt attempt, Instant begun, Optional<Instant> from, Map<String, Integer> mended)
      implements RolloutState {
    public Baking {
      mended = Map.copyOf(mended);
    }

    Baking since(Optional<Instant> when) {
      return new Baking(attempt, begun, when, mended);
    }

    /// A changed service that had to be mended since.
    Optional<ServiceReport> fallen(List<ServiceReport> services, Falls falls) {
      return services.stream()
          .filter(s -> !s.optional() && attempt.changed().contains(s.name()))
          .filter(s -> falls.blamed(s.name()) > mended.getOrDefault(s.name(), 0))
          .findFirst();
    }

    /// What is forgotten now counts again when it happens anew.
    Baking forgetting(Falls falls) {
      var fewer = new HashMap<String, Integer>();
      mended.forEach((s, n) -> fewer.put(s, Math.min(n, falls.times(s))));
      return new Baking(attempt, begun, from, fewer);
    }
  }

  /// A revision that was healthy as a whole. What fails from now on is mended, not taken back.
  ///
  /// @param since when it began to be rolled out
  record Settled(Revision revision, Instant since) implements RolloutState {}

  /// One try at a revision.
  ///
  /// @param since when it began
  /// @param deadline when it has failed, unless it gets further, or something happens that is not
  ///   its doing
  /// @param progress how far it came
  /// @param changed the services whose definition it changes: all of them on a node without a
  ///   history, none when it goes back
  /// @param refusal a definition that the engine refuses, heard of since the last judgement
  /// @param stall what keeps it from going on that is not its doing
  /// @param gaveUp it failed, there is nothing to go back to, and it is tried on
  record Attempt(
      Revision revision,
      Instant since,
      Instant deadline,
      Progress progress,
      Set<String> changed,
      Optional<String> refusal,
      Optional<Stall> stall,
      Optional<GaveUp> gaveUp) {

    static Attempt begin(Revision revision, Set<String> changed, Instant now, Duration timeout) {
      return new Attempt(
          revision,
          now,
          now.plus(timeout),
          Progress.NONE,
          changed,
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }

    /// What a look found: its time begins anew where it got further.
    Attempt looked(List<ServiceReport> services, Instant now, Duration timeout) {
      var next = progress.after(revision, services);
      var until = next.isBeyond(progress) ? now.plus(timeout) : deadline;
      return new Attempt(revision, since, until, next, changed, refusal, stall, gaveUp);
    }

    Attempt until(Instant later) {
      return new Attempt(revision, since, later, progress, changed, refusal, stall, gaveUp);
    }

    Attempt changing(Set<String> more) {
      var all = new HashSet<>(changed);
      all.addAll(more);
      return new Attempt(
          revision, since, deadline, progress, Set.copyOf(all), refusal, stall, gaveUp);
    }

    Attempt refused(Optional<String> why) {
      return new Attempt(revision, since, deadline, progress, changed, why, stall, gaveUp);
    }

    Attempt stalled(Optional<Stall> by) {
      return new Attempt(revision, since, deadline, progress, changed, refusal, by, gaveUp);
    }

    Attempt gaveUp(GaveUp given) {
      return new Attempt(
          revision, since, deadline, progress, changed, refusal, stall, Optional.of(given));
    }

    private Attempt clockSet(Duration by) {
      return new Attempt(
          revision,
          since.plus(by),
          deadline.plus(by),
          progress,
          changed,
          refusal,
          stall.map(s -> new Stall(s.since().plus(by), s.by(), s.detail())),
          gaveUp);
    }
  }

  /// Something outside the node is away.
  ///
  /// @param detail what to look at, for people
  record Stall(Instant since, String by, String detail) {}

  /// @param hopeless its images were at hand: nothing that comes from outside will help
  record GaveUp(Instant at, String why, boolean hopeless) {}

  /// The try under way.
  default Optional<Attempt> underWay() {
    return switch (this) {
      case RollingOut(var attempt) -> Optional.of(attempt);
      case RollingBack(var attempt) -> Optional.of(attempt);
      case Baking baking -> Optional.of(baking.attempt());
      case None _, Settled _ -> Optional.empty();
    };
  }

  /// The same state with another try; of a state without one, itself.
  default RolloutState with(Attempt attempt) {
    return switch (this) {
      case RollingOut _ -> new RollingOut(attempt);
      case RollingBack _ -> new RollingBack(attempt);
      case Baking(_, var begun, var from, var mended) -> new Baking(attempt, begun, from, mended);
      case None _, Settled _ -> this;
    };
  }

  /// The revision that is to run.
  default Optional<Revision> target() {
    return this instanceof Settled(var revision, _)
        ? Optional.of(revision)
        : underWay().map(Attempt::revision);
  }

  /// When the revision that is to run began to be rolled out; [Instant#EPOCH] without one.
  default Instant since() {
    return this instanceof Settled(_, var since)
        ? since
        : underWay().map(Attempt::since).orElse(Instant.EPOCH);
  }

  /// The node's clock was set: what is counted from an instant moves with it.
  default RolloutState clockSet(Duration by) {
    return switch (this) {
      case None _ -> this;
      case RollingOut(var attempt) -> new RollingOut(attempt.clockSet(by));
      case RollingBack(var attempt) -> new RollingBack(attempt.clockSet(by));
      case Baking(var attempt, var begun, var from, var mended) ->
          new Baking(attempt.clockSet(by), begun.plus(by), from.map(at -> at.plus(by)), mended);
      case Settled(var revision, var since) -> new Settled(revision, since.plus(by));
    };
  }
}
