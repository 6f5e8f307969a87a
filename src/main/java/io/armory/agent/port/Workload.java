package io.armory.agent.port;

import io.armory.agent.domain.Outcome;

/// The work a Spinnaker service has in hand, asked of the service itself: what would be lost, or
/// done once more by another, if the service ended now. An execution that only waits is none of it:
/// it lies in the store, and the next orca goes on with it. Blocks a few seconds at most and never
/// throws. A service that has no such question fails with `NOT_FOUND`.
public interface Workload {

  /// Tells Orca whether to take work from its queue. What it works on goes on.
  Outcome<String> takeWork(Endpoint orca, boolean take);

  /// How many pieces of work it has in hand: messages of Orca's queue, Rosco's bakes.
  Outcome<Integer> underWay(Endpoint service);

  /// @param service `orca` or `rosco`
  record Endpoint(String service, String address, int port) {}
}
