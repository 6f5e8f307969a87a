package io.armory.agent.reconcile;

import io.armory.agent.domain.HealthReport.Maintenance;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Stack;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// What operators asked for and what holds until they say otherwise: stopped services, restarts
/// under way, maintenance. All but restarts survive the agent. Owned by the loop's thread.
final class Wishes {
  private final Memory memory;
  private final Inputs inputs;
  private Intents intents = Intents.NONE;
  private Optional<Maintenance> maintenance = Optional.empty();

  Wishes(Memory memory, Inputs inputs) {
    this.memory = memory;
    this.inputs = inputs;
  }

  void recall() {
    inputs
        .known("state", memory.stopped())
        .ifPresent(stopped -> intents = new Intents(stopped, Map.of(), false));
    inputs.known("state", memory.maintenance()).ifPresent(kept -> maintenance = kept);
  }

  Intents intents() {
    return intents;
  }

  void intend(Intents changed) {
    var stoppedBefore = intents.stopped();
    intents = changed;
    if (!changed.stopped().equals(stoppedBefore)) {
      inputs.persist(() -> memory.keepStopped(changed));
    }
  }

  /// One that ended well on being stopped must not pass for completed when it is wanted again.
  void restartAll(Stack stack, Instant now) {
    var restarts = new HashMap<>(intents.restarts());
    stack.services().keySet().stream()
        .filter(s -> !intents.stopped().containsKey(s))
        .forEach(s -> restarts.put(s, now));
    intents = new Intents(intents.stopped(), restarts, intents.removeOrphans());
  }

  Optional<Maintenance> maintenance() {
    return maintenance;
  }

  void maintain(Optional<Maintenance> changed) {
    maintenance = changed;
    inputs.persist(() -> memory.keepMaintenance(changed));
  }

  boolean isMaintenanceOver(Instant now) {
    return maintenance.filter(m -> !now.isBefore(m.until())).isPresent();
  }

  /// Restarts that are done are no wish any more.
  ///
  /// @param restarted whether a service is up again and nothing more is to be done about it
  void forgetRestarts(Predicate<String> restarted) {
    if (intents.restarts().keySet().stream().noneMatch(restarted)) {
      return;
    }
    var left = new HashMap<>(intents.restarts());
    left.keySet().removeIf(restarted);
    intents = new Intents(intents.stopped(), left, intents.removeOrphans());
  }
}
