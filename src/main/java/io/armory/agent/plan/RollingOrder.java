package io.armory.agent.plan;

import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.plan.Dependencies.Start;
import java.util.List;
import java.util.Optional;

/// Whose turn it is to be replaced: one container at a time, dependencies first, and the next only
/// when the one before it is healthy.
///
/// What is down already waits for nobody's turn, and whoever serves waits until it is back: never
/// two places are down for one rollout.
///
/// No two places wait for each other: a place waits for those before it in start order and, of
/// those behind it, only for one that is coming up or back and waits for nothing itself.
final class RollingOrder {
  private final PlanInput situation;
  private final Dependencies dependencies;
  private final List<Slot> slots;

  RollingOrder(ObservedSlots view, Dependencies dependencies) {
    this.situation = view.situation;
    this.dependencies = dependencies;
    this.slots =
        view.allSlots().filter(s -> !situation.isWantedStopped(s.service().name())).toList();
  }

  /// Why this slot must not be replaced now; empty: it may.
  Optional<String> holdBack(Slot slot) {
    if (isDown(slot) && isWayOpen(slot)) {
      return Optional.empty();
    }
    var before = slots.stream().takeWhile(s -> !s.equals(slot)).toList();
    var behind = slots.stream().skip(before.size() + 1L);
    return before.stream()
        .filter(s -> isUnsettled(s) || isComingBack(s))
        .findFirst()
        .or(() -> behind.filter(s -> isComingUp(s) || isComingBack(s)).findFirst())
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
        .filter(c -> situation.isStarting(c) || isUnstartedSuccessor(slot, c) || isBroken(slot, c))
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

  /// Nothing of it serves, and it is about to come back: by a new container, or by the one before.
  /// Once that was tried, it is waited for only while it starts.
  private boolean isComingBack(Slot slot) {
    return isDown(slot)
        && slot.right().map(c -> isOvertaken(slot, c)).orElseGet(slot::hasServed)
        && situation.delay(slot.service().name()).filter(PlanInput.Delay::failed).isEmpty()
        && isWayOpen(slot);
  }

  private boolean isDown(Slot slot) {
    return !slot.any(this::mayServe)
        && !Service.isOneShot(situation.desired(), slot.service().name());
  }

  /// One that ran before this rollout began and is not known to be unhealthy: after a start of the
  /// agent nobody has been asked yet, and all of them may serve.
  private boolean mayServe(Container c) {
    return situation.isHealthy(c)
        || (Slot.isActive(c)
            && !situation.isUnhealthy(c)
            && !situation.isLater(c.startedAt(), situation.rolloutSince()));
  }

  /// Nothing that it needs has to come first.
  private boolean isWayOpen(Slot slot) {
    return ObservedSlots.parents(slot.service()).isEmpty()
        && dependencies.holdBack(slot.service(), Start.REPAIR).isEmpty();
  }

  /// Another has run here since, and this one not since the rollout began.
  private boolean isOvertaken(Slot slot, Container c) {
    return c.startedAt() == null
        ? slot.hasServed()
        : !situation.isLater(c.startedAt(), situation.rolloutSince())
            && slot.obsolete().stream()
                .anyMatch(o -> situation.isLater(o.container().startedAt(), c.startedAt()));
  }

  private boolean isUnstartedSuccessor(Slot slot, Container c) {
    return !Slot.isActive(c)
        && c.startedAt() == null
        && slot.hasServed()
        && slot.runningObsolete().isEmpty()
        && !Service.isOneShot(situation.desired(), slot.service().name());
  }

  /// Its predecessor is kept until it is well, whatever the clock was set to meanwhile.
  private boolean isBroken(Slot slot, Container c) {
    var created = c.createdAt();
    return !situation.isHealthy(c)
        && (slot.hasServed() || (created != null && !created.isBefore(situation.rolloutSince())));
  }
}
