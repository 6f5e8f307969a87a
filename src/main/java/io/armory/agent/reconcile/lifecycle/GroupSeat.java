package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Whether others serve while this node does not. Pure.
///
/// @param alone no other node of its role is known to serve: none shares its Redis, nothing is
///   heard of them, or they are away
/// @param mayLeave another one serves, and those with the same hour in their calendar do not leave
///   in the same moment
record GroupSeat(boolean alone, boolean mayLeave) {
  /// Longer than a node takes to hear that another is not ready any more. Each has its own in turn.
  static final Duration SLOT = Duration.ofSeconds(30);

  static GroupSeat of(HealthReport report, Instant now) {
    var nodes = report.shared().group().map(GroupReport::nodes).orElse(List.of());
    return of(nodes, report.lifecycle().drain().isPresent(), now);
  }

  /// @param nodes by name, this one included; empty: not known
  /// @param leaves this one is on its way out
  static GroupSeat of(List<GroupReport.Node> nodes, boolean leaves, Instant now) {
    var here = nodes.stream().filter(GroupReport.Node::here).findFirst();
    var others =
        here.isPresent()
            && nodes.stream()
                .anyMatch(n -> !n.here() && n.ready() && n.role().equals(here.get().role()));
    if (!others) {
      return new GroupSeat(true, false);
    }
    var slot = Math.floorMod(now.getEpochSecond() / SLOT.toSeconds(), nodes.size());
    return new GroupSeat(false, leaves || slot == nodes.indexOf(here.get()));
  }
}
