package io.armory.agent.domain.report;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.ScheduledEvent;
import java.util.List;
import java.util.Optional;

/// The node's course as its group, EC2 and its operators steer it.
///
/// @param state the instance's state in its Auto Scaling group, `InService`, `Terminating:Wait`, …;
///   empty: in none, or not known
/// @param notices what EC2 announces and what the node tells its group, one line each
/// @param drain under way or done
/// @param hopeless why the first start on this node failed for good; empty: it did not
/// @param scheduled what EC2 has in its calendar for the instance
public record LifecycleReport(
    Optional<String> state,
    List<String> notices,
    Optional<Drain> drain,
    Optional<String> hopeless,
    List<ScheduledEvent> scheduled) {
  public static final LifecycleReport NONE =
      new LifecycleReport(Optional.empty(), List.of(), Optional.empty(), Optional.empty());

  public LifecycleReport {
    notices = List.copyOf(notices);
    scheduled = List.copyOf(scheduled);
  }

  /// With an empty calendar.
  public LifecycleReport(
      Optional<String> state,
      List<String> notices,
      Optional<Drain> drain,
      Optional<String> hopeless) {
    this(state, notices, drain, hopeless, List.of());
  }
}
