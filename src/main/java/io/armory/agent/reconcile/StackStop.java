package io.armory.agent.reconcile;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Whether anything of the stack runs, and its end when there is no time left. On the loop's
/// thread.
public record StackStop(ReconcilerState state) {
  private static final Set<Observation.State> ACTIVE =
      Set.of(Observation.State.RUNNING, Observation.State.PAUSED, Observation.State.RESTARTING);

  /// Enough is known of the stack to say what runs of it.
  public boolean hasSeenStack() {
    return state.eyes().observed().isPresent()
        && (state.inputs().inForce().isPresent() || state.inputs().sources().readings() > 0);
  }

  /// Enough is known, and the engine answers: services can be stopped.
  public boolean canStop() {
    return hasSeenStack() && !state.eyes().isBlind();
  }

  /// Empty: not known. Whatever of the revision runs or is about to counts.
  public Optional<Boolean> isReached() {
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
  public Optional<Boolean> force() {
    for (var c : active()) {
      state
          .effects()
          .add(
              new Effect.Kill(
                  new Action.StopContainer(
                      c.service(), c.name(), c.id(), Duration.ZERO, List.of())));
    }
    return Optional.of(true);
  }
}
