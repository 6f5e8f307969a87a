package io.armory.agent.app;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.ContainerEngine;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// The engine, which makes no container that it would refuse to start: a container is made before
/// its predecessor is stopped, so that what can be known by then stops nothing in vain.
///
/// @param trial why the engine would refuse to start it; empty: nothing is known to be in its way
record TriedEngine(
    ContainerEngine engine, Function<Action.CreateContainer, Optional<Failure>> trial)
    implements ForwardingEngine {

  @Override
  public Outcome<String> execute(Action action, Consumer<String> progress) {
    if (action instanceof Action.CreateContainer create) {
      var obstacle = trial.apply(create);
      if (obstacle.isPresent()) {
        return Outcome.failed(
            obstacle.get().kind(), action.describe() + ": " + obstacle.get().message());
      }
    }
    return engine.execute(action, progress);
  }
}
