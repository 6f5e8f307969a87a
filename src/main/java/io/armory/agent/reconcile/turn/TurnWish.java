package io.armory.agent.reconcile.turn;

import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.port.TurnStore.Approved;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.port.TurnStore.HeldBack;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the node says of itself, and wants of the turn.
///
/// @param since it is ready, or not
/// @param leaves it is not ready for nothing but a change that it has not begun: it serves
///   otherwise
/// @param revision in force
/// @param good digest of what was proven here last; empty: nothing was
/// @param wants what waits to be begun
/// @param awaits what waits to be approved before that
/// @param changes what was begun and is not over: being rolled out, taken back, or baking
/// @param failed what failed here and is not tried again
/// @param approved what somebody has let through, which every node may begin
/// @param withdraw digests of what was approved before and is to need it anew
/// @param lift digests that an operator wants tried again everywhere
public record TurnWish(
    String role,
    boolean ready,
    String reason,
    Instant since,
    boolean leaves,
    String revision,
    String good,
    String version,
    Optional<Change> wants,
    Optional<Change> awaits,
    Optional<Change> changes,
    List<HeldBack> failed,
    List<String> lift,
    List<Approved> approved,
    List<String> withdraw,
    MaxUnavailable limit) {

  public TurnWish {
    failed = List.copyOf(failed);
    lift = List.copyOf(lift);
    approved = List.copyOf(approved);
    withdraw = List.copyOf(withdraw);
  }
}
