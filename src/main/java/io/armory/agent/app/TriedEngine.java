package io.armory.agent.app;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Observation;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ImageShelf;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// The engine, which makes no container that it would refuse to start: a container is made before
/// its predecessor is stopped, so that what can be known by then stops nothing in vain.
///
/// @param trial why the engine would refuse to start it; empty: nothing is known to be in its way
record TriedEngine(
    ContainerEngine engine, Function<Action.CreateContainer, Optional<Failure>> trial)
    implements ContainerEngine {

  @Override
  public Outcome<String> execute(Action action, Consumer<String> progress) {
    if (action instanceof Action.CreateContainer create) {
      var obstacle = trial.apply(create);
      if (obstacle.isPresent()) {
        return Outcome.failed(
            new Failure(
                obstacle.get().kind(), action.describe() + ": " + obstacle.get().message()));
      }
    }
    return engine.execute(action, progress);
  }

  @Override
  public Observation observe(Scope scope) {
    return engine.observe(scope);
  }

  @Override
  public Observation glance(Scope scope) {
    return engine.glance(scope);
  }

  @Override
  public Outcome<List<LogLine>> logLines(String containerId, LogRange range) {
    return engine.logLines(containerId, range);
  }

  @Override
  public Outcome<String> followLog(String containerId, LogRange range, LogSink sink) {
    return engine.followLog(containerId, range, sink);
  }

  @Override
  public Outcome<Duration> processorTime(String containerId) {
    return engine.processorTime(containerId);
  }

  @Override
  public Outcome<ExecResult> exec(String containerId, ExecRequest request) {
    return engine.exec(containerId, request);
  }

  @Override
  public ImageShelf images() {
    return engine.images();
  }

  @Override
  public AutoCloseable watch(String project, Consumer<EngineEvent> listener) {
    return engine.watch(project, listener);
  }

  @Override
  public void close() {
    engine.close();
  }
}
