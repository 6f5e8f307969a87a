package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A lease on a name that at most one of several nodes holds at a time, in a store they share. It
/// expires by itself. Every call blocks a few seconds at most and never throws; one that failed may
/// have worked all the same.
///
/// What it rests on: the store counts a lease's time no faster than the holder does, and a holder
/// counts from before it asked. A store may forget (a failover to a replica that lags, a restart
/// without persistence): it is the candidates' part not to take what merely vanished, see
/// `reconcile.Election`.
public interface Lease extends AutoCloseable {

  /// Who holds it.
  ///
  /// @param token fencing token: larger for each grant than for all before it
  /// @param ttl how long the grant lasts without being renewed
  /// @param holder unique among all nodes and all lives of a node
  /// @param since by the holder's own clock
  record Grant(long token, Duration ttl, String holder, Instant since) {

    /// The part of the holder's name that people and other stores know it by.
    public String node() {
      var slash = holder.lastIndexOf('/');
      return slash < 0 ? holder : holder.substring(0, slash);
    }
  }

  /// The lease as the store has it.
  ///
  /// @param held empty: nobody holds it
  /// @param left until `held` expires
  /// @param lastToken of the newest grant there was; 0: the store knows of none
  /// @param released the newest grant was given back, so that nobody can still act on it
  record State(Optional<Grant> held, Duration left, long lastToken, boolean released) {}

  Outcome<State> look();

  /// Takes the lease if nobody holds it and the newest grant is the one that was seen.
  ///
  /// @param lastToken as it was looked at
  /// @param above the token must be larger than this one, even where the store forgot it
  /// @return empty: somebody else was faster, or the store is not as it was seen
  Outcome<Optional<Grant>> acquire(
      String holder, Duration ttl, long lastToken, long above, Instant now);

  /// Lets the grant last its whole time again, unless less than `least` is left of it: whoever saw
  /// that knows when it ends. One that is not in the store any more is granted anew, as long as
  /// there was none after it.
  Outcome<Renewal> renew(Grant grant, Duration least);

  /// What became of a grant that was to be renewed.
  sealed interface Renewal {
    record Renewed() implements Renewal {}

    /// It had vanished.
    ///
    /// @param grant a new one to the same holder
    record Restored(Grant grant) implements Renewal {}

    /// Less than the least time was left; it ends as it would have.
    record Late() implements Renewal {}

    /// There was another grant after it.
    record Lost() implements Renewal {}
  }

  /// Gives it back, so that another may have it at once.
  Outcome<Boolean> release(Grant grant);

  @Override
  void close();
}
