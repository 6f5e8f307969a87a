package io.armory.agent.reconcile.logs;

import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport.ContainerReport;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.Control.Following;
import io.armory.agent.port.Control.LogReader;
import io.armory.agent.port.Threads;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Follows the logs of services until closed, from container to container: one thread looks which
/// containers there are, and each that has something to tell is read on another.
final class LogFollower implements Following {
  /// What the loop publishes lies at hand. What a container writes before it is read again, and is
  /// removed with it at once, is lost.
  private static final Duration LOOK = Duration.ofMillis(50);

  /// @param service empty: all, those to come included
  /// @param range what is shown of a container that is there already
  /// @param begun when; of a container that started later everything is shown
  record Wish(String service, LogRange range, Instant begun) {}

  private final Supplier<HealthReport> reports;
  private final ContainerEngine engine;
  private final Threads threads;
  private final Wish wish;
  private final LogReader reader;

  /// Container ID → its log. Touched on the looking thread alone.
  private final Map<String, ContainerLogReader> logs = new HashMap<>();

  private @Nullable Thread looking;
  private final Runnable ended;

  /// @param ended told once, when nothing of it is left but threads that were told to end
  LogFollower(
      Supplier<HealthReport> reports,
      ContainerEngine engine,
      Threads threads,
      Wish wish,
      LogReader reader,
      Runnable ended) {
    this.reports = reports;
    this.engine = engine;
    this.threads = threads;
    this.wish = wish;
    this.reader = reader;
    this.ended = ended;
  }

  void start() {
    looking = threads.start("logs-follow", this::run);
  }

  private void run() {
    try {
      while (true) {
        look(reports.get());
        threads.sleep(LOOK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      logs.values().forEach(ContainerLogReader::close);
      ended.run();
    }
  }

  @Override
  public void close() {
    Threads.interrupt(looking);
  }

  private void look(HealthReport report) {
    var seen = new HashSet<String>();
    for (var service : report.services()) {
      if (wish.service().isEmpty() || wish.service().equals(service.name())) {
        service.containers().forEach(c -> seen.add(c.id()));
        service.containers().stream()
            .filter(c -> c.startedAt() != null)
            .forEach(c -> tend(service.name(), service.containers(), c));
      }
    }
    if (report.engine().filter(HealthReport.EngineReport::reachable).isPresent()) {
      logs.entrySet().removeIf(e -> !seen.contains(e.getKey()) && !e.getValue().isReading());
    }
  }

  private void tend(String service, List<ContainerReport> all, ContainerReport container) {
    var log =
        logs.computeIfAbsent(
            container.id(),
            id -> new ContainerLogReader(engine, threads, id, rangeOf(container), service, reader));
    log.tend(container, () -> !isPredecessorRead(service, all, container.id()));
  }

  private LogRange rangeOf(ContainerReport container) {
    var asked = wish.range();
    var started = container.startedAt();
    if (started != null && started.isAfter(wish.begun())) {
      // Should it have run before, unseen, then not what it wrote long ago.
      return LogRange.allSince(later(asked.since(), wish.begun().minusSeconds(1)));
    }
    // The last none and what is written from now on: said so that it can be asked for again.
    return asked.lines() == 0 ? LogRange.allSince(later(asked.since(), wish.begun())) : asked;
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }

  /// Whether one of the service's containers that has ended, or is gone, is still being read: what
  /// it wrote comes first.
  private boolean isPredecessorRead(String service, List<ContainerReport> all, String container) {
    var running = new HashSet<>(Set.of(container));
    all.stream().filter(ContainerLogReader::isRunning).forEach(c -> running.add(c.id()));
    return logs.entrySet().stream()
        .anyMatch(e ->
            !running.contains(e.getKey())
                && e.getValue().service().equals(service)
                && e.getValue().isReading());
  }
}
