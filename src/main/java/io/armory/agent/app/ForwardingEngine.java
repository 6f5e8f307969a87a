package io.armory.agent.app;

import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ImageShelf;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Passes every call on to another engine; who extends it says what is different.
interface ForwardingEngine extends ContainerEngine {
  ContainerEngine engine();

  @Override
  default Observation observe(Scope scope) {
    return engine().observe(scope);
  }

  @Override
  default Observation glance(Scope scope) {
    return engine().glance(scope);
  }

  @Override
  default Outcome<String> execute(Action action, Consumer<String> progress) {
    return engine().execute(action, progress);
  }

  @Override
  default Outcome<List<LogLine>> logLines(String containerId, LogRange range) {
    return engine().logLines(containerId, range);
  }

  @Override
  default Outcome<String> followLog(String containerId, LogRange range, LogSink sink) {
    return engine().followLog(containerId, range, sink);
  }

  @Override
  default Outcome<Duration> processorTime(String containerId) {
    return engine().processorTime(containerId);
  }

  @Override
  default Outcome<ExecResult> exec(String containerId, ExecRequest request) {
    return engine().exec(containerId, request);
  }

  @Override
  default ImageShelf images() {
    return engine().images();
  }

  @Override
  default AutoCloseable watch(String project, Consumer<EngineEvent> listener) {
    return engine().watch(project, listener);
  }

  @Override
  default void close() {
    engine().close();
  }
}
