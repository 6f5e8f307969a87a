package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.Intents;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.ContainerEngine;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/// Gives the restarting of the stack back to the engine when the agent ends on purpose, so that the
/// stack is never without somebody to restart it. Services an operator stopped stay as they are.
final class RestartPolicyHandover {
  private RestartPolicyHandover() {}

  static void giveBack(
      ContainerEngine engine, Stack stack, Optional<Observed> observed, Intents intents) {
    if (observed.isEmpty()) {
      return;
    }
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      var all =
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
              .map(a -> CompletableFuture.runAsync(() -> engine.execute(a, line -> {}), calls))
              .toArray(CompletableFuture<?>[]::new);
      CompletableFuture.allOf(all).join();
    }
  }
}
