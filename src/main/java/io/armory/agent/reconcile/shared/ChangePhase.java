package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.TurnStore.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// How far this node is with a change that needed a turn:
///
/// ```
///        serves somebody            has left        files put           proven
/// Idle ─────────────────► Leaving ───────────► Beginning ─────► Changing ──────► Idle
///   └──────────── serves nobody ─────────────────► ▲  ▲             │
///                                                  └──┴─ another ───┘
/// ```
///
/// What cannot begin after all stays as it is: [Idle], or the [Changing] whose place it was to
/// take. Immutable.
sealed interface ChangePhase {
  record Idle() implements ChangePhase {}

  /// Not ready any more, and still as it was.
  ///
  /// @param until the load balancers have noticed
  /// @param instead what is under way meanwhile, and is in force
  record Leaving(
      Change change,
      Instant since,
      Instant until,
      CompletableFuture<Outcome<String>> resigned,
      Optional<Changing> instead)
      implements ChangePhase {
    /// A poller's lease has run out by then, whatever became of its release.
    private static final Duration RESIGNATION = Duration.ofSeconds(30);

    boolean isOver(Instant now) {
      return !now.isBefore(until) && (resigned.isDone() || !now.isBefore(since.plus(RESIGNATION)));
    }
  }

  /// Its files are put; it is not in force yet.
  ///
  /// @param out of the load balancers until it is healthy
  /// @param instead what is under way meanwhile, and is in force
  record Beginning(Change change, boolean out, boolean resigned, Optional<Changing> instead)
      implements ChangePhase {}

  /// It is in force, and not proven yet.
  record Changing(Change change, boolean out, boolean resigned) implements ChangePhase {
    Changing back() {
      return new Changing(change, false, false);
    }
  }

  /// Out of the load balancers and without the poller's duty, for another change.
  default Leaving leaves(
      Change to, Instant now, Instant until, CompletableFuture<Outcome<String>> resigned) {
    Optional<Changing> instead =
        this instanceof Changing(var under, var out, _)
            ? Optional.of(new Changing(under, out, true))
            : Optional.empty();
    return new Leaving(to, now, until, resigned, instead);
  }

  /// Out of the load balancers and without the poller's duty as it is already, be it for another
  /// change that this one comes in the place of.
  default Beginning begins(Change to) {
    return switch (this) {
      case Idle _ -> new Beginning(to, false, false, Optional.empty());
      case Leaving leaving -> new Beginning(to, true, true, leaving.instead());
      case Beginning(_, var out, var resigned, var instead) ->
          new Beginning(to, out, resigned, instead);
      case Changing under -> new Beginning(to, under.out(), under.resigned(), Optional.of(under));
    };
  }

  /// This revision is in force from now on.
  default ChangePhase adopted(String revision) {
    return this instanceof Beginning(var change, var out, var resigned, _)
            && change.revision().equals(revision)
        ? new Changing(change, out, resigned)
        : this;
  }

  /// What has begun and is not over.
  default Optional<Change> underWay() {
    return switch (this) {
      case Beginning beginning -> Optional.of(beginning.change());
      case Changing changing -> Optional.of(changing.change());
      case Leaving leaving -> leaving.instead().map(Changing::change);
      case Idle _ -> Optional.empty();
    };
  }

  /// What was to come in the place of what is in force does not.
  default ChangePhase stays() {
    var instead =
        switch (this) {
          case Leaving leaving -> leaving.instead();
          case Beginning beginning -> beginning.instead();
          case Idle _, Changing _ -> Optional.<Changing>empty();
        };
    return instead.<ChangePhase>map(c -> c).orElseGet(Idle::new);
  }

  default ChangePhase clockSet(Duration by) {
    return this instanceof Leaving(var change, var since, var until, var resigned, var instead)
        ? new Leaving(change, since.plus(by), until.plus(by), resigned, instead)
        : this;
  }

  /// Why the node is not to get traffic; empty: it may.
  ///
  /// @param back what is in force has been healthy for long enough to be sent to
  /// @param healthy it is
  default String blocker(boolean back, boolean healthy) {
    return switch (this) {
      case Leaving leaving ->
          "leaves its load balancers, to change to revision " + leaving.change().revision();
      case Beginning(var change, var out, _, _) when out -> isOut(change, healthy);
      case Changing(var change, var out, _) when out && !back -> isOut(change, healthy);
      case Idle _, Beginning _, Changing _ -> "";
    };
  }

  private static String isOut(Change change, boolean healthy) {
    return "changes to revision %s, and is out of its load balancers until all is healthy%s"
        .formatted(change.revision(), healthy ? " for a while" : "");
  }
}
