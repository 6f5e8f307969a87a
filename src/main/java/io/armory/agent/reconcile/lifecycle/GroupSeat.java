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
/// @param mayLeave another one serves, none is being changed, and those that EC2 has the same in
///   mind for do not leave in the same moment
/// @param shared it belongs to a group, whether others serve or not
record GroupSeat(boolean alone, boolean mayLeave, boolean shared) {
  /// Longer than a node takes to hear that another is not ready any more. Each has its own in turn.
  static final Duration SLOT = Duration.ofSeconds(30);

  static GroupSeat of(HealthReport report, Instant now) {
    var group = report.shared().group();
    var nodes = group.map(GroupReport::nodes).orElse(List.of());
    var seat = of(nodes, report.lifecycle().drain().isPresent(), now);
    // Before anything is heard of the others, they are there.
    return group.isPresent() && nodes.isEmpty() ? new GroupSeat(true, false, true) : seat;
  }

  /// @param nodes by name, this one included; empty: not known
  /// @param leaves this one is on its way out
  static GroupSeat of(List<GroupReport.Node> nodes, boolean leaves, Instant now) {
    var here = nodes.stream().filter(GroupReport.Node::here).findFirst();
    var others =
        nodes.stream()
            .filter(n -> !n.here())
            .filter(n -> here.filter(h -> h.role().equals(n.role())).isPresent())
            .toList();
    if (others.stream().noneMatch(GroupReport.Node::ready)) {
      return new GroupSeat(true, false, nodes.size() > 1);
    }
    var slot = Math.floorMod(now.getEpochSecond() / SLOT.toSeconds(), nodes.size());
    var isMine = slot == nodes.indexOf(here.orElseThrow());
    var isQuiet = others.stream().allMatch(n -> n.changesTo().isEmpty());
    return new GroupSeat(false, leaves || (isMine && isQuiet), true);
  }
}
