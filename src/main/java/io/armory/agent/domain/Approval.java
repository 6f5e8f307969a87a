package io.armory.agent.domain;

import java.time.Instant;

/// What lets a changed revision of the sources begin: `rollout.approval`.
public sealed interface Approval {
  Approval AUTO = new Auto();
  Approval MANUAL = new Manual();

  /// Nothing has to.
  record Auto() implements Approval {
    @Override
    public String toString() {
      return "auto";
    }
  }

  /// Somebody has to approve it.
  record Manual() implements Approval {
    @Override
    public String toString() {
      return "manual";
    }
  }

  /// The hours, or somebody who approves it.
  record Window(ChangeWindow hours) implements Approval {
    @Override
    public String toString() {
      return hours.toString();
    }
  }

  /// Somebody has approved a revision; everything else of it stays what it was.
  ///
  /// @param revision as the node calls it on which that was done
  record Given(String revision, String by, Instant at) {}
}
