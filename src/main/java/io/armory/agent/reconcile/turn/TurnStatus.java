package io.armory.agent.reconcile.turn;

import io.armory.agent.port.TurnStore.Board;
import io.armory.agent.port.TurnStore.Holder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How a node stands in its group.
///
/// @param board as it was read last; empty: never yet
/// @param mine the turn that this node has
/// @param begins from when on the turn must not be begun any more; zero: it must not be begun yet
/// @param reason why a change is not begun, in words; empty: none waits, or it may begin
/// @param heldBack the change that waits failed elsewhere
/// @param lifted digests of what failed here, and is to be tried again by somebody's `sync --retry`
/// @param problem why nothing is heard of the group; empty: something is
public record TurnStatus(
    Optional<Board> board,
    Optional<Holder> mine,
    Duration begins,
    String reason,
    boolean heldBack,
    List<String> lifted,
    String problem) {
  public static final TurnStatus NOTHING =
      new TurnStatus(
          Optional.empty(),
          Optional.empty(),
          Duration.ZERO,
          "the group was not asked yet",
          false,
          List.of(),
          "the group was not asked yet");

  /// Whether a change may be begun now. Becomes false by itself when nobody answers.
  boolean mayBegin(String digest, Duration now) {
    return mine.filter(h -> h.change().digest().equals(digest)).isPresent()
        && now.compareTo(begins) < 0;
  }
}
