package io.armory.agent.reconcile.election;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Lease;
import io.armory.agent.port.Lease.Grant;
import io.armory.agent.port.Lease.Renewal;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One node's part in the election of its group's one poller: what to ask the lease next, and
/// whether this node holds it. Pure: time comes in as the time since the node's boot, which goes on
/// while the node or the agent is paused; the answers come in with the time they were asked for.
///
/// That no two nodes poll at once rests on this:
/// - a holder counts its time from before it asked, so it ends before the store's;
/// - its pollers watch that time themselves (`hold-lease.sh`), so neither a killed nor a paused
///   agent makes them outlive it. One kernel's clock serves both;
/// - the clocks of two machines run equally fast to within a part in ten (they need not agree);
/// - a store that forgets the lease (a failover to a replica that lags, a restart without
///   persistence) has everybody wait a whole term before taking what merely vanished, while the
///   holder puts it back; a new holder asks twice before it acts, so that every candidate has seen
///   its grant; and a grant is given only for the store as it was looked at, so that a call that
///   was long on its way takes nothing. What is not covered is a store that loses writes older than
///   a tenth of a term;
/// - a node frozen as a whole may run for an instant after it wakes, until the pollers' watch gets
///   its turn (it looks twice a second): there, igor's own locks in Redis are the second guard.
final class Election {
  private final String me;
  private final LeaseTimes times;

  private @Nullable Grant mine;

  /// Before the last successful renewal was asked for.
  private Duration renewedFrom = Duration.ZERO;

  private boolean confirmed;
  private @Nullable Duration yieldedAt;
  private Duration nextCall = Duration.ZERO;

  private final LeaseVacancy vacancy;
  private long highest;
  private String problem = "";

  private boolean everHeard;

  /// What to ask the lease.
  sealed interface Call {
    record Look() implements Call {}

    /// @param lastToken as it was looked at; anything else in the store: look again
    /// @param above the token must be larger than every one that was ever seen
    record Acquire(long lastToken, long above) implements Call {}

    record Renew(Grant grant) implements Call {}

    record Release(Grant grant) implements Call {}
  }

  /// What the node wants, and what its containers do.
  ///
  /// @param stands it may take or keep the duty
  /// @param quietSince no poller has run here since then; `null`: one may run
  record Wish(boolean stands, @Nullable Duration quietSince) {}

  /// @param me unique among all nodes, and kept over a restart of the agent but not of the node
  Election(String me, LeaseTimes times) {
    this.me = me;
    this.times = times;
    this.vacancy = new LeaseVacancy(times);
  }

  /// What is to be asked now; empty: nothing before [#nextAt].
  Optional<Call> due(Wish wish, Duration now) {
    settle(wish, now);
    if (now.compareTo(nextCall) < 0) {
      return Optional.empty();
    }
    var held = mine;
    if (held == null) {
      return Optional.of(
          wish.stands() && vacancy.mayBeTaken(now)
              ? new Call.Acquire(vacancy.lastToken(), highest)
              : new Call.Look());
    }
    if (yieldedAt == null) {
      return Optional.of(new Call.Renew(held));
    }
    return isQuiet(wish) ? Optional.of(new Call.Release(held)) : Optional.empty();
  }

  /// When to ask again; a release waits for the containers, not for the clock.
  Duration nextAt(Duration now) {
    var next = mine != null && yieldedAt != null ? now.plus(times.retry()) : nextCall;
    return mine == null || !confirmed ? next : min(next, renewedFrom.plus(times.giveUp()));
  }

  private void settle(Wish wish, Duration now) {
    if (mine == null) {
      return;
    }
    if (now.compareTo(renewedFrom.plus(times.ttl())) >= 0) {
      forget();
      problem = problem.isEmpty() ? "the lease expired" : problem;
    } else if (yieldedAt == null && (!wish.stands() || isLate(now))) {
      yieldedAt = now;
      nextCall = now;
    }
  }

  private boolean isLate(Duration now) {
    return confirmed && now.compareTo(renewedFrom.plus(times.giveUp())) >= 0;
  }

  private boolean isQuiet(Wish wish) {
    var since = wish.quietSince();
    return since != null && yieldedAt != null && since.compareTo(yieldedAt) >= 0;
  }

  void looked(Duration asked, Duration now, Outcome<Lease.State> outcome) {
    nextCall = now.plus(times.retry());
    switch (outcome) {
      case Outcome.Failed<Lease.State>(var failure) -> problem = failure.message();
      case Outcome.Done<Lease.State>(var state) -> {
        problem = "";
        nextCall = now.plus(times.look());
        highest = Math.max(highest, state.lastToken());
        everHeard |= state.held().filter(g -> g.holder().equals(me)).isEmpty();
        vacancy.looked(state, asked, now);
        state
            .held()
            .ifPresentOrElse(
                g -> seeHeld(g, state, asked, now),
                () -> nextCall = min(nextCall, vacancy.from(now)));
      }
    }
  }

  private void seeHeld(Grant grant, Lease.State state, Duration asked, Duration now) {
    highest = Math.max(highest, grant.token());
    if (grant.holder().equals(me)) {
      // From before this agent was restarted, or an answer that was lost.
      mine = grant;
      confirmed = false;
      renewedFrom = asked.plus(state.left()).minus(times.ttl());
      yieldedAt = null;
      var isNew = state.left().compareTo(times.ttl().minus(times.confirm())) > 0;
      nextCall = isNew ? now.plus(times.confirm()) : now;
    } else {
      nextCall = min(nextCall, now.plus(state.left()).plusMillis(20));
    }
  }

  void acquired(Duration asked, Duration now, Outcome<Optional<Grant>> outcome) {
    nextCall = now.plus(times.retry());
    switch (outcome) {
      case Outcome.Failed<Optional<Grant>>(var failure) -> problem = failure.message();
      case Outcome.Done<Optional<Grant>>(var granted) -> {
        problem = "";
        vacancy.tried();
        if (granted.isEmpty()) {
          nextCall = now;
        } else {
          mine = granted.get();
          highest = Math.max(highest, granted.get().token());
          yieldedAt = null;
          confirmed = false;
          renewedFrom = asked;
          nextCall = now.plus(times.confirm());
        }
      }
    }
  }

  void renewed(Duration asked, Duration now, Outcome<Renewal> outcome) {
    nextCall = now.plus(times.retry());
    switch (outcome) {
      case Outcome.Failed<Renewal>(var failure) -> problem = failure.message();
      case Outcome.Done<Renewal>(var renewal) -> {
        problem = "";
        switch (renewal) {
          case Renewal.Renewed _ -> hold(asked);
          case Renewal.Restored(var anew) -> {
            // It lasts as long as the one before it, until this one is confirmed as any new one.
            mine = anew;
            highest = Math.max(highest, anew.token());
            nextCall = now.plus(times.confirm());
          }
          case Renewal.Late _ -> {
            yieldedAt = now;
            nextCall = now;
          }
          case Renewal.Lost _ -> {
            forget();
            nextCall = now;
          }
        }
      }
    }
  }

  void released(Duration now, Outcome<Boolean> outcome) {
    nextCall = now.plus(times.retry());
    switch (outcome) {
      case Outcome.Failed<Boolean>(var failure) -> problem = failure.message();
      case Outcome.Done<Boolean> _ -> {
        problem = "";
        forget();
        nextCall = now;
      }
    }
  }

  private void hold(Duration asked) {
    confirmed = true;
    everHeard = true;
    renewedFrom = asked;
    nextCall = asked.plus(times.renew());
  }

  private void forget() {
    mine = null;
    confirmed = false;
    yieldedAt = null;
    vacancy.forget();
  }

  /// How it stands; holds for as long as nothing is heard from the lease.
  ElectionStatus standing() {
    var held = mine;
    var yielding = held != null && (yieldedAt != null || !confirmed);
    return new ElectionStatus(
        held == null ? vacancy.heldByOther() : Optional.of(held),
        held != null,
        yielding,
        everHeard,
        renewedFrom,
        times,
        problem);
  }

  String me() {
    return me;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
