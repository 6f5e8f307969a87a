package io.armory.agent.reconcile.logs;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.Control.Following;
import io.armory.agent.port.Control.LogReader;
import io.armory.agent.port.Threads;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/// Shows operators what services write. Beside the loop: it reads what the loop published, and the
/// engine on threads of its own.
public final class LogCommands {
  /// Followers at once: each has a thread and a connection for every container.
  static final int MOST = 8;

  private final Supplier<HealthReport> reports;
  private final ContainerEngine engine;
  private final InstantSource clock;
  private final Threads threads;
  private final Semaphore free = new Semaphore(MOST);

  public LogCommands(
      Supplier<HealthReport> reports,
      ContainerEngine engine,
      InstantSource clock,
      Threads threads) {
    this.reports = reports;
    this.engine = engine;
    this.clock = clock;
    this.threads = threads;
  }

  public CompletableFuture<Outcome<List<LogLine>>> last(String service, LogRange range) {
    var report = reports.get();
    var found = find(report, service);
    if (found.isEmpty()) {
      return CompletableFuture.completedFuture(Outcome.failed(unknown(report, service)));
    }
    return CompletableFuture.supplyAsync(
        () -> last(found.get(), range), task -> threads.start("logs", task));
  }

  private Outcome<List<LogLine>> last(ServiceReport service, LogRange range) {
    if (service.containers().isEmpty()) {
      return Outcome.failed(
          Failure.Kind.NOT_FOUND,
          "%s has no container: %s".formatted(service.name(), service.reason()));
    }
    var all = new ArrayList<LogLine>();
    for (var c : service.containers()) {
      switch (engine.logLines(c.id(), range)) {
        case Outcome.Done<List<LogLine>>(var read) -> all.addAll(read);
        case Outcome.Failed<List<LogLine>>(var failure) -> {
          return Outcome.failed(unreadable(service.name(), failure));
        }
      }
    }
    return Outcome.done(all);
  }

  /// A logging driver that keeps nothing on the node is no wrong question: it is said by the name
  /// that was asked for, and where to look.
  static Failure unreadable(String service, Failure failure) {
    return isOfDriver(failure)
        ? new Failure(
            Failure.Kind.CONFLICT,
            ("%s: its logging driver keeps nothing that can be read here (%s); look where the"
                    + " driver sends it, or set `logging: {driver: json-file}` for %1$s in an overlay")
                .formatted(service, failure.message().replaceFirst("^logs of \\S+: ", "")))
        : failure;
  }

  private static boolean isOfDriver(Failure failure) {
    return failure.kind() == Failure.Kind.INVALID || failure.message().contains("driver");
  }

  /// A service that is named and whose driver keeps nothing is no service to wait for.
  public CompletableFuture<Outcome<Following>> follow(
      String service, LogRange range, LogReader reader) {
    var report = reports.get();
    var named = find(report, service);
    if (!service.isEmpty() && named.isEmpty()) {
      return CompletableFuture.completedFuture(Outcome.failed(unknown(report, service)));
    }
    return named.isEmpty()
        ? CompletableFuture.completedFuture(begun(service, range, reader))
        : CompletableFuture.supplyAsync(
            () ->
                nothingKept(named.get())
                    .<Outcome<Following>>map(Outcome::failed)
                    .orElseGet(() -> begun(service, range, reader)),
            task -> threads.start("logs", task));
  }

  private Optional<Failure> nothingKept(ServiceReport service) {
    return service.containers().stream()
        .flatMap(c -> engine.logLines(c.id(), new LogRange(1, Instant.EPOCH)).whyFailed().stream())
        .filter(LogCommands::isOfDriver)
        .findFirst()
        .map(failure -> unreadable(service.name(), failure));
  }

  private Outcome<Following> begun(String service, LogRange range, LogReader reader) {
    if (!free.tryAcquire()) {
      return Outcome.failed(
          Failure.Kind.CONFLICT,
          "%d others follow logs, which is the most; end one of them, or leave out --follow"
              .formatted(MOST));
    }
    var wish = new LogFollower.Wish(service, range, clock.instant());
    var follower = new LogFollower(reports, engine, threads, wish, reader, free::release);
    follower.start();
    return Outcome.done(follower);
  }

  private static Optional<ServiceReport> find(HealthReport report, String service) {
    return report.services().stream().filter(s -> s.name().equals(service)).findFirst();
  }

  private static Failure unknown(HealthReport report, String service) {
    return new Failure(Failure.Kind.INVALID, report.noService(service));
  }
}
