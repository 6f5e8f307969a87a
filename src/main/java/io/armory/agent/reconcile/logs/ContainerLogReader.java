package io.armory.agent.reconcile.logs;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.ServiceReport.ContainerReport;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.Control.LogReader;
import io.armory.agent.port.Threads;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One container's log, read again whenever the container has started again, or the engine broke
/// off. Used by one thread; each reading has a thread of its own, which ends with it.
final class ContainerLogReader {
  private static final Set<String> RUNNING = Set.of("running", "paused", "restarting");

  /// Looks between two readings that brought nothing.
  private static final int LONGEST_PAUSE = 40;

  private final ContainerEngine engine;
  private final Threads threads;
  private final String id;
  private final LogRange asked;
  private final String service;
  private final LogReader reader;
  private final LogCursor place = new LogCursor();
  private @Nullable Reading reading;
  private @Nullable Instant startOfLast;
  private Rest rest = Rest.NOTHING;
  private int pause;
  private int waited;

  /// What a reading that ended has left.
  private enum Rest {
    /// Until the container starts again.
    NOTHING,
    /// What the container writes, should it still run.
    IF_IT_RUNS,
    /// Whatever could not be read.
    SOME
  }

  ContainerLogReader(
      ContainerEngine engine,
      Threads threads,
      String id,
      LogRange asked,
      String service,
      LogReader reader) {
    this.engine = engine;
    this.threads = threads;
    this.id = id;
    this.asked = asked;
    this.service = service;
    this.reader = reader;
  }

  String service() {
    return service;
  }

  static boolean isRunning(ContainerReport container) {
    return RUNNING.contains(container.engineState());
  }

  boolean isReading() {
    var now = reading;
    return now != null && now.outcome == null;
  }

  /// Begins a reading when there may be something to read.
  void tend(ContainerReport container, BooleanSupplier mayBegin) {
    if (isReading()) {
      return;
    }
    var last = reading;
    if (last != null) {
      reading = null;
      waited = 0;
      pause = last.told ? 0 : Math.clamp(2L * pause, 1, LONGEST_PAUSE);
      rest = judge(last);
    }
    if (isDue(container) && mayBegin.getAsBoolean()) {
      startOfLast = container.startedAt();
      reading = new Reading();
      reading.start();
    }
    waited++;
  }

  private boolean isDue(ContainerReport container) {
    if (!Objects.equals(container.startedAt(), startOfLast)) {
      return true;
    }
    return waited >= pause
        && switch (rest) {
          case NOTHING -> false;
          case IF_IT_RUNS -> isRunning(container);
          case SOME -> true;
        };
  }

  private Rest judge(Reading last) {
    return switch (last.outcome) {
      case Outcome.Failed<String>(var failure) when failure.kind() == Failure.Kind.INVALID -> {
        var why = LogCommands.unreadable(service, failure).message();
        reader.take(service, List.of(new LogLine(Instant.now(), "(" + why + ")")));
        yield Rest.NOTHING;
      }
      case Outcome.Failed<String>(var failure) when failure.kind() == Failure.Kind.NOT_FOUND ->
          Rest.NOTHING;
      case Outcome.Failed<String> _ -> Rest.SOME;
      case Outcome.Done<String> _ -> Rest.IF_IT_RUNS;
      case null -> Rest.SOME;
    };
  }

  void close() {
    var now = reading;
    if (now != null) {
      now.close();
    }
  }

  /// From where the one before ended.
  private final class Reading implements ContainerEngine.LogSink {
    private @Nullable Thread thread;
    private volatile @Nullable Outcome<String> outcome;
    private volatile boolean told;

    void start() {
      thread = threads.start("logs " + service, this::read);
    }

    void close() {
      Threads.interrupt(thread);
    }

    private void read() {
      Outcome<String> came = Outcome.failed(Failure.Kind.TRANSIENT, "logs of " + id + ": a bug");
      try {
        came = engine.followLog(id, place.begin(asked), this);
      } finally {
        outcome = came;
      }
    }

    @Override
    public void take(List<LogLine> lines) {
      var fresh = place.fresh(lines);
      if (!fresh.isEmpty()) {
        told = true;
        reader.take(service, fresh);
      }
    }

    @Override
    public void awaitRoom() throws InterruptedException {
      reader.awaitRoom();
    }
  }
}
