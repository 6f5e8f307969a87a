package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.Intents;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.Threads;
import java.time.Duration;
import java.util.Optional;

/// Gives the restarting of the stack back to the engine when the agent ends on purpose, so that the
/// stack is never without somebody to restart it. Services an operator stopped stay as they are.
record RestartPolicyHandover(ContainerEngine engine, Threads threads) {
  /// Whatever happens a call ends by its own deadline.
  private static final Duration MOST = Duration.ofHours(1);

  void giveBack(Stack stack, Optional<Observed> observed, Intents intents) {
    if (observed.isEmpty()) {
      return;
    }
    var calls =
        observed.get().containers().stream()
            .filter(Container::running)
            .filter(c -> !observed.get().isUnknown(c))
            .filter(c -> !intents.stopped().containsKey(c.service()))
            .flatMap(c ->
                Optional.ofNullable(stack.services().get(c.service()))
                    .map(s -> s.container().restart())
                    .filter(p -> !p.name().equals(RestartPolicy.NO.name()))
                    .map(p -> new Action.SetRestartPolicy(c.service(), c.name(), c.id(), p))
                    .stream())
            .map(a -> threads.start("give back " + a.name(), () -> engine.execute(a, line -> {})))
            .toList();
    try {
      for (var call : calls) {
        threads.join(call, MOST);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
