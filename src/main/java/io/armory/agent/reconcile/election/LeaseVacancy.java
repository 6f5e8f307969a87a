package io.armory.agent.reconcile.election;

import io.armory.agent.port.Lease;
import io.armory.agent.port.Lease.Grant;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What was seen of a lease that is not this node's, and when it may be taken: at once if it was
/// given back; when it ended if it was seen to end; else after a whole term, as its holder may not
/// know yet that it vanished. Pure, as [Election] is, and by the same clock.
final class LeaseVacancy {
  private final LeaseTimes times;

  private @Nullable Grant seen;
  private Duration seenAt = Duration.ZERO;
  private Duration seenLeft = Duration.ZERO;

  /// Before the last look that was answered was asked for: how the answer was, it may have been
  /// then already.
  private @Nullable Duration lastLook;

  private long lastToken;
  private @Nullable Duration free;
  private Duration notBefore = Duration.ZERO;

  LeaseVacancy(LeaseTimes times) {
    this.times = times;
  }

  /// A look was answered.
  void looked(Lease.State state, Duration asked, Duration now) {
    if (state.held().isPresent()) {
      seen = state.held().get();
      seenLeft = state.left();
      seenAt = now;
      free = null;
    } else {
      seeFree(state, now);
    }
    lastLook = asked;
    lastToken = state.lastToken();
  }

  private void seeFree(Lease.State state, Duration now) {
    // In a longer gap another one may have come and gone unseen.
    var gap = lastLook == null || now.minus(lastLook).compareTo(times.confirm()) > 0;
    var before = seen;
    if (state.released()) {
      notBefore = now;
    } else if (free == null || gap) {
      var ended =
          before != null
              && !gap
              && state.lastToken() == before.token()
              && isBeyondRenewal(before)
              && now.compareTo(seenAt.plus(seenLeft)) >= 0;
      notBefore = ended ? now : now.plus(longestTerm());
    }
    free = free == null || gap ? now : free;
    seen = null;
  }

  private boolean isBeyondRenewal(Grant grant) {
    return seenLeft.compareTo(new LeaseTimes(grant.ttl()).lastRenewal()) < 0;
  }

  private Duration longestTerm() {
    var its = seen == null ? times.ttl() : seen.ttl();
    return its.compareTo(times.ttl()) > 0 ? its : times.ttl();
  }

  /// The last look is fresh, and nobody can hold it any more.
  boolean mayBeTaken(Duration now) {
    return free != null
        && now.compareTo(notBefore) >= 0
        && lastLook != null
        && now.minus(lastLook).compareTo(times.confirm()) < 0;
  }

  /// From when on it may be taken, and not at this very instant.
  Duration from(Duration now) {
    var soon = now.plusMillis(1);
    return soon.compareTo(notBefore) > 0 ? soon : notBefore;
  }

  /// As it was looked at.
  long lastToken() {
    return lastToken;
  }

  /// As far as is known.
  Optional<Grant> heldByOther() {
    return Optional.ofNullable(seen);
  }

  /// It was asked for: whatever became of that, it has to be looked at anew.
  void tried() {
    free = null;
  }

  void forget() {
    free = null;
    seen = null;
    lastLook = null;
  }
}
