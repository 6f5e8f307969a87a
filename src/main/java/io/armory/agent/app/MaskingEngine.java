package io.armory.agent.app;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.KnownSecrets;
import io.armory.agent.domain.Observation;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ImageShelf;
import java.util.List;
import java.util.function.Consumer;

/// The engine, with the secrets masked in everything its containers wrote: a service that logs its
/// own password must not have it shown by `status`, `logs` or an event.
record MaskingEngine(ContainerEngine engine, KnownSecrets secrets) implements ContainerEngine {

  @Override
  public Observation observe(Scope scope) {
    return engine.observe(scope);
  }

  @Override
  public Observation glance(Scope scope) {
    return engine.glance(scope);
  }

  @Override
  public Outcome<String> execute(Action action, Consumer<String> progress) {
    return masked(engine.execute(action, line -> progress.accept(secrets.masked(line))));
  }

  @Override
  public Outcome<List<String>> lastLogLines(String containerId, int lines) {
    return masked(engine.lastLogLines(containerId, lines))
        .map(all -> all.stream().map(secrets::masked).toList());
  }

  @Override
  public Outcome<ExecResult> exec(String containerId, ExecRequest request) {
    return masked(engine.exec(containerId, request))
        .map(r -> new ExecResult(r.exitCode(), secrets.masked(r.output())));
  }

  private <T> Outcome<T> masked(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Failed<T>(var failure) ->
          Outcome.failed(new Failure(failure.kind(), secrets.masked(failure.message())));
      case Outcome.Done<T> done -> done;
    };
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
