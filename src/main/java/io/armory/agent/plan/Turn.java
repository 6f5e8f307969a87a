package io.armory.agent.plan;

import io.armory.agent.domain.Observation.Container;
import io.armory.agent.domain.Service;
import io.armory.agent.plan.Dependencies.Start;
import java.util.List;
import java.util.Optional;

/// Whose turn it is to be replaced: one container at a time, dependencies first, and the next only
/// when the one before it is healthy.
///
/// No two places wait for each other: a place waits for those before it in start order and, of
/// those behind it, only for one that is coming up and waits for nothing itself.
final class Turn {
  private final Situation situation;
  private final Dependencies dependencies;
  private final List<Slot> slots;

  Turn(View view, Dependencies dependencies) {
    this.situation = view.situation;
    this.dependencies = dependencies;
    this.slots =
        view.allSlots().filter(s -> !situation.isWantedStopped(s.service().name())).toList();
  }

  /// Why this slot must not be replaced now; empty: it may.
  Optional<String> holdBack(Slot slot) {
    var before = slots.stream().takeWhile(s -> !s.equals(slot)).toList();
    var behind = slots.stream().skip(before.size() + 1L);
    return before.stream()
        .filter(this::isUnsettled)
        .findFirst()
        .or(() -> behind.filter(this::isComingUp).findFirst())
        .map(s -> "to be replaced; waits for " + s.service().name() + " to be healthy")
        .or(() ->
            before.stream()
                .filter(Slot::needsReplacement)
                .findFirst()
                .map(s -> "to be replaced after " + s.service().name()));
  }

  /// On its way up, or broken by this very rollout.
  private boolean isUnsettled(Slot slot) {
    return slot.right()
        .filter(c -> !dependencies.completed(slot, c))
        .filter(c -> situation.isStarting(c) || isUnstartedSuccessor(slot, c) || isBroken(c))
        .isPresent();
  }

  /// An earlier replacement was interrupted here: its successor starts, or is about to.
  private boolean isComingUp(Slot slot) {
    return slot.right()
        .filter(c ->
            (slot.hasServed() && situation.isStarting(c))
                || (isUnstartedSuccessor(slot, c)
                    && !dependencies.hasFailed(slot)
                    && dependencies.holdBack(slot.service(), Start.REPAIR).isEmpty()))
        .isPresent();
  }

  private boolean isUnstartedSuccessor(Slot slot, Container c) {
    return !Slot.isActive(c)
        && c.startedAt() == null
        && slot.hasServed()
        && slot.runningObsolete().isEmpty()
        && !Service.isOneShot(situation.desired(), slot.service().name());
  }

  private boolean isBroken(Container c) {
    var created = c.createdAt();
    return created != null
        && !created.isBefore(situation.rolloutSince())
        && !situation.isHealthy(c);
  }
}
