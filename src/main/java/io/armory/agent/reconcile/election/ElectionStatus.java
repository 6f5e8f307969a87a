package io.armory.agent.reconcile.election;

import io.armory.agent.port.Lease.Grant;
import java.time.Duration;
import java.util.Optional;

/// How a node stands in its group's election.
///
/// @param grant that is in force, as far as is known
/// @param mine it is this node's
/// @param yielding it is being given up, or not taken up yet
/// @param isHeard the lease answered, and whether it is this node's is known
/// @param from what its times are counted from, if it is this node's
/// @param problem why nothing is heard of the lease; empty: something is
public record ElectionStatus(
    Optional<Grant> grant,
    boolean mine,
    boolean yielding,
    boolean isHeard,
    Duration from,
    LeaseTimes times,
    String problem) {

  /// Whether this node may run pollers. Becomes false by itself when nobody answers.
  boolean holds(Duration now) {
    return mine && !yielding && now.compareTo(from.plus(times.giveUp())) < 0;
  }
}
