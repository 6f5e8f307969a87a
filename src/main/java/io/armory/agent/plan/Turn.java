package io.armory.agent.plan;

import io.armory.agent.domain.Observation.Container;
import java.util.List;
import java.util.Optional;

/// Whose turn it is to be replaced: one container at a time, dependencies first, and the next only
/// when the one before it is healthy.
final class Turn {
  private final View view;
  private final List<Slot> waiting;

  Turn(View view) {
    this.view = view;
    this.waiting =
        view.allSlots()
            .filter(Slot::needsReplacement)
            .filter(s -> !view.situation.isStoppedByOperator(s.service().name()))
            .toList();
  }

  /// Why this slot must not be replaced now; empty: it may.
  Optional<String> holdBack(Slot slot) {
    var before = view.allSlots().takeWhile(s -> !s.equals(slot)).toList();
    var unsettled =
        before.stream().filter(this::isUnsettled).map(s -> s.service().name()).findFirst();
    if (unsettled.isPresent()) {
      return Optional.of("to be replaced; waits for " + unsettled.get() + " to be healthy");
    }
    return waiting.stream()
        .takeWhile(s -> !s.equals(slot))
        .findFirst()
        .map(s -> "to be replaced after " + s.service().name());
  }

  /// On its way up, or broken by this very rollout.
  private boolean isUnsettled(Slot slot) {
    return slot.right()
        .filter(c -> view.situation.isStarting(c) || isBrokenByRollout(c))
        .isPresent();
  }

  private boolean isBrokenByRollout(Container c) {
    var created = c.createdAt();
    return created != null
        && !created.isBefore(view.situation.rolloutSince())
        && !view.situation.isHealthy(c);
  }
}
