package io.armory.agent.reconcile;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether anything of the stack runs, and its end when there is no time left. On the loop's
/// thread.
final class Standstill {
  private static final Set<Observation.State> ACTIVE =
      Set.of(Observation.State.RUNNING, Observation.State.PAUSED, Observation.State.RESTARTING);

  private final LoopState state;

  Standstill(LoopState state) {
    this.state = state;
  }

  /// Enough is known of the stack to say what runs of it.
  boolean hasSeenStack() {
    return state.eyes().observed().isPresent()
        && (state.inputs().inForce().isPresent() || state.inputs().readings() > 0);
  }

  /// Enough is known, and the engine answers: services can be stopped.
  boolean canStop() {
    return hasSeenStack() && !state.eyes().isBlind();
  }

  /// Empty: not known. Whatever of the revision runs or is about to counts.
  Optional<Boolean> isReached() {
    if (!canStop()) {
      return Optional.empty();
    }
    var services = state.stack().services().keySet();
    return Optional.of(!state.hands().isActingOn(services) && active().isEmpty());
  }

  private List<Observation.Container> active() {
    return state.eyes().observed().stream()
        .flatMap(o -> o.containers().stream())
        .filter(c -> state.stack().services().containsKey(c.service()))
        .filter(c -> ACTIVE.contains(c.state()))
        .toList();
  }

  /// Past every plan and every grace period.
  Optional<Boolean> force() {
    var engine = state.parts().engine();
    for (var c : active()) {
      Thread.ofVirtual()
          .name("kill " + c.name())
          .start(() ->
              engine.execute(
                  new Action.StopContainer(c.service(), c.name(), c.id(), Duration.ZERO, List.of()),
                  line -> {}));
    }
    return Optional.of(true);
  }
}
