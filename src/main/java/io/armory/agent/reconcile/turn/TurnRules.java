package io.armory.agent.reconcile.turn;

import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.port.TurnStore.Holder;
import io.armory.agent.port.TurnStore.Member;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Who may begin a change, read off the board. Pure.
///
/// - No more nodes than `rollout.max_unavailable` change or are out of service at once. A node that
///   is out of service already takes nothing from the group by changing, and may be what mends it:
///   only those that change count against it.
/// - A change that no node has proven yet is tried on one node alone, however many may change.
/// - What failed on a node is begun by no other, also if it has the turn already.
/// - Who is out of service comes first, then who has waited longest.
/// - After the store has forgotten everything nobody begins for a whole time to live, so that all
///   have registered again and whoever has the turn has put it back.
final class TurnRules {
  private final Board board;
  private final int most;
  private final java.time.Duration ttl;
  private final Map<String, Holder> holders;
  private final List<Member> line;

  /// @param may it may begin
  /// @param reason in words, why not
  /// @param waitsFor nodes
  /// @param heldBack the change failed elsewhere
  record Verdict(boolean may, String reason, List<String> waitsFor, Optional<HeldBack> heldBack) {
    private static Verdict wait(String reason, List<String> waitsFor) {
      return new Verdict(false, reason, waitsFor, Optional.empty());
    }
  }

  TurnRules(Board board, MaxUnavailable limit, TurnTimes times) {
    this.board = board;
    this.most = limit.of(board.members().size());
    this.ttl = times.ttl();
    this.holders =
        new HashMap<>(board.holders().stream().collect(Collectors.toMap(Holder::node, h -> h)));
    this.line =
        board.members().stream()
            .filter(m -> m.waitsSince() > 0 && m.wants().isPresent())
            .filter(m -> board.heldBack(m.wants().get().digest()).isEmpty())
            .sorted(
                Comparator.comparing(Member::ready)
                    .thenComparingLong(Member::waitsSince)
                    .thenComparing(Member::node))
            .toList();
  }

  /// Whether a node may begin what it wants.
  Verdict verdict(String me, Change change) {
    return verdict(me, change, false);
  }

  /// @param serves although it is not ready, as only this change keeps it from that
  Verdict verdict(String me, Change change, boolean serves) {
    var held = board.heldBack(change.digest());
    if (held.isPresent()) {
      return new Verdict(false, heldBack(held.get()), List.of(held.get().node()), held);
    }
    if (board.age().compareTo(ttl) < 0) {
      return Verdict.wait(
          "waits %d s for the others to register in the Redis, which knew of none"
              .formatted(ttl.minus(board.age()).toSeconds() + 1),
          List.of());
    }
    for (var member : line) {
      var isMe = member.node().equals(me);
      var wants = isMe ? change : member.wants().orElseThrow();
      if (!isMe && (holders.size() >= most || holders.containsKey(member.node()))) {
        continue;
      }
      var obstacle = obstacle(member.node(), wants, member.ready() || (isMe && serves));
      if (isMe) {
        return obstacle.orElse(new Verdict(true, "has the turn", List.of(), Optional.empty()));
      }
      if (obstacle.isEmpty()) {
        // It comes first, and takes the turn in a moment.
        holders.put(member.node(), new Holder(member.node(), 0, wants, java.time.Instant.EPOCH));
      }
    }
    return Verdict.wait("is about to wait in line", List.of());
  }

  /// Why a node that has its turn is not to begin all the same.
  ///
  /// @param serves as in [#verdict]
  Optional<Verdict> against(String me, Change change, boolean serves) {
    var held = board.heldBack(change.digest());
    return held.isPresent()
        ? Optional.of(new Verdict(false, heldBack(held.get()), List.of(held.get().node()), held))
        : obstacle(me, change, serves);
  }

  static String heldBack(HeldBack held) {
    return "held back, as it failed on %s: %s; it is not tried until the sources change, or by armory-agent sync --retry"
        .formatted(held.node(), held.reason());
  }

  /// @param gives it takes one from those that serve
  private Optional<Verdict> obstacle(String node, Change wants, boolean gives) {
    var others = holders.values().stream().filter(h -> !h.node().equals(node)).toList();
    if (!isProven(wants, node)) {
      var first =
          others.stream().filter(h -> h.change().digest().equals(wants.digest())).findFirst();
      if (first.isPresent()) {
        var by = first.get().node();
        return Optional.of(
            Verdict.wait("waits for %s, which tries this change first".formatted(by), List.of(by)));
      }
    }
    if (others.size() >= most) {
      return Optional.of(
          Verdict.wait(
              "waits for its turn: %s changing"
                  .formatted(are(others.stream().map(Holder::node).sorted().toList())),
              others.stream().map(Holder::node).sorted().toList()));
    }
    var away =
        board.members().stream()
            .filter(m -> !m.node().equals(node))
            .filter(m -> !m.ready() && !holders.containsKey(m.node()))
            .sorted(Comparator.comparing(Member::node))
            .toList();
    if (gives && others.size() + away.size() >= most) {
      var names =
          java.util.stream.Stream.concat(
                  away.stream().map(Member::node), others.stream().map(Holder::node))
              .toList();
      return Optional.of(
          Verdict.wait(
              "waits until fewer nodes are out of service: %s is not ready: %s"
                  .formatted(away.getFirst().node(), away.getFirst().reason()),
              names));
    }
    return Optional.empty();
  }

  private boolean isProven(Change change, String but) {
    return board.members().stream()
        .anyMatch(m -> !m.node().equals(but) && m.good().equals(change.digest()));
  }

  private static String are(List<String> nodes) {
    var some = nodes.stream().limit(3).collect(Collectors.joining(", "));
    var more = nodes.size() > 3 ? " and %d more".formatted(nodes.size() - 3) : "";
    return some + more + (nodes.size() == 1 ? " is" : " are");
  }
}
