package io.armory.agent.app;

import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.KnownSecrets;
import io.armory.agent.port.ContainerEngine;
import java.util.List;
import java.util.function.Consumer;

/// The engine, with the secrets masked in everything its containers wrote: a service that logs its
/// own password must not have it shown by `status`, `logs` or an event.
record MaskingEngine(ContainerEngine engine, KnownSecrets secrets) implements ForwardingEngine {
  /// Characters of a line.
  private static final int LONGEST_LINE = 16_384;

  @Override
  public Outcome<String> execute(Action action, Consumer<String> progress) {
    return masked(engine.execute(action, line -> progress.accept(secrets.masked(line))));
  }

  @Override
  public Outcome<List<LogLine>> logLines(String containerId, LogRange range) {
    return masked(engine.logLines(containerId, range)).map(this::masked);
  }

  @Override
  public Outcome<String> followLog(String containerId, LogRange range, LogSink sink) {
    return masked(
        engine.followLog(
            containerId,
            range,
            new LogSink() {
              @Override
              public void take(List<LogLine> lines) {
                sink.take(masked(lines));
              }

              @Override
              public void awaitRoom() throws InterruptedException {
                sink.awaitRoom();
              }
            }));
  }

  private List<LogLine> masked(List<LogLine> lines) {
    return lines.stream().map(l -> new LogLine(l.at(), masked(l.text()))).toList();
  }

  /// The engine cuts what is longer still, perhaps within a secret: that far nothing is shown.
  private String masked(String line) {
    var masked = secrets.masked(line);
    return masked.length() <= LONGEST_LINE
        ? masked
        : masked.substring(0, masked.offsetByCodePoints(0, masked.codePointCount(0, LONGEST_LINE)))
            + "…";
  }

  @Override
  public Outcome<ExecResult> exec(String containerId, ExecRequest request) {
    return masked(engine.exec(containerId, request))
        .map(r -> new ExecResult(r.exitCode(), secrets.masked(r.output())));
  }

  private <T> Outcome<T> masked(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Failed<T>(var failure) ->
          Outcome.failed(failure.kind(), secrets.masked(failure.message()));
      case Outcome.Done<T> done -> done;
    };
  }
}
