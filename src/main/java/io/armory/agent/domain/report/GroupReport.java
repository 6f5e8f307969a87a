package io.armory.agent.domain.report;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The nodes that share a Redis, and who of them changes or waits for whom.
///
/// @param nodes by name, this one included; empty: not known yet
/// @param maxUnavailable `rollout.max_unavailable`
/// @param waiting revision that this node has not begun; empty: none
/// @param reason why it has not, in words; empty: none waits
/// @param heldBack what failed on a node, so that the others do not begin it
/// @param problem why nothing is heard of the others; empty: something is
public record GroupReport(
    List<Node> nodes,
    String maxUnavailable,
    Optional<String> waiting,
    String reason,
    List<HeldBack> heldBack,
    String problem) {

  public GroupReport {
    nodes = List.copyOf(nodes);
    heldBack = List.copyOf(heldBack);
  }

  /// @param here it is this node
  /// @param reason why it is ready, or not
  /// @param since it is; by its own clock; [Instant#EPOCH]: its agent tells nothing of it
  /// @param changesTo the revision that it has the turn for; empty: it does not change
  /// @param changesSince it has the turn; `null`: it has not, or does not say
  /// @param waitsFor the revision that waits there; empty: none
  /// @param why that one waits
  /// @param version of its agent
  public record Node(
      String name,
      boolean here,
      String role,
      boolean ready,
      String reason,
      Instant since,
      String revision,
      Optional<String> changesTo,
      @Nullable Instant changesSince,
      Optional<String> waitsFor,
      String why,
      String version) {}

  /// @param revision as that node calls it
  /// @param here it is what waits on this node
  public record HeldBack(String revision, String node, String reason, Instant at, boolean here) {}
}
