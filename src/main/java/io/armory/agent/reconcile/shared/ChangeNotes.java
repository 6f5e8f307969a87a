package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.TurnStore.Approved;
import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import io.armory.agent.reconcile.turn.ChangeDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What this node has to tell its group of changes: what failed here, and what somebody has let
/// through, lifted or no longer wants. Each stands until the group's board has it. Changes are the
/// same on two nodes by their digest. Owned by the loop's thread.
final class ChangeNotes {
  /// Digests are remembered for so many revisions.
  private static final int MOST = 50;

  /// Revision → digest, the oldest first.
  private final Map<String, String> digests = new LinkedHashMap<>();

  private final Map<String, Instant> failedAt = new HashMap<>();
  private final Set<String> lift = new HashSet<>();
  private final Set<String> withdraw = new HashSet<>();
  private final Map<String, Approved> approvedElsewhere = new LinkedHashMap<>();
  private String approved = "";
  private String awaited = "";

  String digest(Revision revision, TurnFacts facts) {
    var digest =
        digests.computeIfAbsent(revision.id(), id -> ChangeDigest.of(revision, facts.identity()));
    if (digests.size() > MOST) {
      digests.remove(digests.keySet().iterator().next());
    }
    return digest;
  }

  Change change(Revision revision, TurnFacts facts) {
    return new Change(digest(revision, facts), revision.id());
  }

  private Optional<Change> known(String revision) {
    return Optional.ofNullable(digests.get(revision)).map(d -> new Change(d, revision));
  }

  /// What the board has is noted no longer. What was approved, or waited for that, and is not what
  /// the sources give any more would need it anew.
  void settle(TurnFacts facts, Optional<Board> board) {
    withdraw.addAll(List.of(approved, awaited));
    approved = approved(facts).map(a -> a.change().digest()).orElse("");
    awaited = awaits(facts).map(Change::digest).orElse("");
    withdraw.removeAll(List.of(approved, awaited));
    approvedElsewhere.keySet().removeIf(d -> board.flatMap(b -> b.approved(d)).isPresent());
    withdraw.removeIf(d -> board.flatMap(b -> b.approved(d)).isEmpty());
    lift.removeIf(d -> board.flatMap(b -> b.heldBack(d)).isEmpty());
  }

  void lift(Stream<String> revisions) {
    revisions.flatMap(r -> known(r).stream()).map(Change::digest).forEach(lift::add);
  }

  List<String> lift() {
    return List.copyOf(lift);
  }

  boolean isLifted(Change change) {
    return lift.contains(change.digest());
  }

  /// The revisions here that go by these digests.
  List<String> revisions(List<String> of) {
    return digests.entrySet().stream()
        .filter(e -> of.contains(e.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /// Lets through what waits on nodes whose change is another than this node's.
  ///
  /// @param named the one revision; empty: all
  /// @return what was let through, in words
  List<String> approveElsewhere(Board board, Optional<String> named, String by, Instant now) {
    var words = new LinkedHashMap<String, String>();
    for (var member : board.members()) {
      var change = member.awaits().filter(c -> !c.digest().equals(awaited)).orElse(null);
      if (change != null && named.filter(n -> !change.revision().startsWith(n)).isEmpty()) {
        approvedElsewhere.put(change.digest(), new Approved(change, by, now));
        words.merge(
            change.digest(),
            "revision %s of role %s on %s"
                .formatted(change.revision(), member.role(), member.node()),
            (before, _) -> before + ", " + member.node());
      }
    }
    return List.copyOf(words.values());
  }

  List<Approved> allApproved(TurnFacts facts) {
    return Stream.concat(approved(facts).stream(), approvedElsewhere.values().stream()).toList();
  }

  private Optional<Approved> approved(TurnFacts facts) {
    return facts
        .approved()
        .flatMap(g -> known(g.revision()).map(c -> new Approved(c, g.by(), g.at())));
  }

  Optional<Change> awaits(TurnFacts facts) {
    return facts.awaits().map(r -> change(r, facts));
  }

  List<String> withdraw() {
    return List.copyOf(withdraw);
  }

  List<HeldBack> failed(TurnFacts facts, String me, Instant now) {
    failedAt.keySet().retainAll(facts.rejected().keySet());
    return facts.rejected().entrySet().stream()
        .flatMap(e ->
            known(e.getKey()).stream()
                .map(c -> {
                  var at = failedAt.computeIfAbsent(c.revision(), id -> now);
                  return new HeldBack(c, me, e.getValue(), at, false);
                }))
        .toList();
  }
}
