package io.armory.agent.domain.stack;

import java.util.List;
import java.util.Optional;

/// The next safe steps, each independent of the others, and what has to be waited for before more
/// can be planned. Empty on both sides is the fixpoint.
///
/// @param notices what is out of order but not the agent's to mend: orphans, volume drift
public record Plan(List<Step> steps, List<Wait> waits, List<Notice> notices) {

  public Plan {
    steps = List.copyOf(steps);
    waits = List.copyOf(waits);
    notices = List.copyOf(notices);
  }

  public boolean isEmpty() {
    return steps.isEmpty() && waits.isEmpty();
  }

  /// @param cause why: "definition changed", "stopped by hand"
  public record Step(Action action, Cause cause) {
    /// For what differs from what is desired.
    public Step(Action action, String cause) {
      this(action, Cause.of(cause));
    }

    @Override
    public String toString() {
      return action.describe() + "  (" + cause + ")";
    }
  }

  /// A service that cannot go on now, and what it waits for.
  ///
  /// @param failure what was tried in vain, if that is why it waits
  /// @param putOff what it waits for is the delay before the next attempt, not something else
  public record Wait(String service, String reason, Optional<String> failure, boolean putOff) {
    /// For something that is on its way.
    public Wait(String service, String reason) {
      this(service, reason, Optional.empty(), false);
    }

    /// It fell again soon after it was repaired, and nothing is being done about that now.
    public boolean isForRepair() {
      return putOff && failure.isEmpty();
    }

    @Override
    public String toString() {
      return service + ": " + reason;
    }
  }

  public record Notice(String subject, String message) {
    @Override
    public String toString() {
      return subject + ": " + message;
    }
  }
}
