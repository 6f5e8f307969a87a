package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import java.time.Duration;

/// What the poller containers watch themselves: until when they may run, by the clock of the node's
/// kernel. Whatever becomes of the agent, they end in time.
public interface PollerGate {

  /// The time since the node's boot, as the containers read it. Goes on while the node is
  /// suspended.
  Duration uptime();

  /// Lets pollers run.
  ///
  /// @param term from when on they are told to end
  /// @param dead when they have been killed
  Outcome<String> open(Duration term, Duration dead);

  /// A name for this node that no other has, the same for as long as the node is not booted again.
  ///
  /// @param node for people, such as its instance ID
  Outcome<String> holder(String node);
}
