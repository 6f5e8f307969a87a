package io.armory.agent.reconcile.turn;

import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.port.TurnStore.Holder;
import io.armory.agent.port.TurnStore.Member;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What people see of a group. Pure.
public final class GroupView {
  private GroupView() {}

  /// @param waiting what this node has not begun
  public static GroupReport of(
      TurnStatus standing,
      String me,
      Optional<Change> waiting,
      MaxUnavailable limit,
      TurnTimes times) {
    return new GroupReport(
        standing.board().map(b -> nodes(b, me, limit, times)).orElse(List.of()),
        limit.toString(),
        waiting.map(Change::revision),
        waiting.isEmpty() ? "" : standing.reason(),
        standing.board().map(b -> heldBack(b, waiting)).orElse(List.of()),
        standing.problem());
  }

  private static List<GroupReport.Node> nodes(
      Board board, String me, MaxUnavailable limit, TurnTimes times) {
    return board.members().stream()
        .sorted(Comparator.comparing(Member::node))
        .map(m -> node(board, m, me, limit, times))
        .toList();
  }

  private static GroupReport.Node node(
      Board board, Member m, String me, MaxUnavailable limit, TurnTimes times) {
    var turn = board.holder(m.node());
    var wants =
        m.wants().filter(w -> turn.filter(t -> t.change().digest().equals(w.digest())).isEmpty());
    return new GroupReport.Node(
        m.node(),
        m.node().equals(me),
        m.role(),
        m.ready(),
        m.reason(),
        m.since(),
        m.revision(),
        turn.map(t -> t.change().revision()),
        turn.map(Holder::since).filter(Instant.EPOCH::isBefore).orElse(null),
        wants.map(Change::revision),
        m.awaits().isPresent()
            ? "waits for approval"
            : wants
                .map(w -> new TurnRules(board, limit, times).verdict(m.node(), w).reason())
                .orElse(""),
        m.version());
  }

  private static List<GroupReport.HeldBack> heldBack(Board board, Optional<Change> waiting) {
    return board.heldBack().stream()
        .filter(h -> !h.lifted())
        .sorted(Comparator.comparing(HeldBack::at))
        .map(h ->
            new GroupReport.HeldBack(
                h.change().revision(),
                h.node(),
                h.reason(),
                h.at(),
                waiting.filter(w -> w.digest().equals(h.change().digest())).isPresent()))
        .toList();
  }
}
