package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.port.Supervised;
import io.armory.agent.port.Threads;
import io.armory.agent.port.Workload;
import io.armory.agent.port.Workload.Endpoint;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether those who may have work in hand can say so: asked while the node serves, each once it is
/// up and seldom after that, so that who cannot is a problem of the report while it can be mended,
/// and not only when a drain cuts work off. On a thread of its own.
public final class WorkloadWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.lifecycle");

  /// The services that may have work in hand which another would have to repeat.
  static final List<String> ASKED = List.of("orca", "rosco");

  /// It answers with 50 kB and more.
  private static final Duration AGAIN = Duration.ofMinutes(10);

  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  private final ReconcilerDriver loop;
  private final InstantSource steady;
  private final Threads threads;
  private final Workload workload;
  private final Duration every;
  private final Map<String, Asked> asked = new HashMap<>();
  private @Nullable Thread thread;

  /// @param life when the container was started that was asked
  /// @param failures in a row
  private record Asked(Instant life, Instant at, int failures) {}

  /// @param every how often it is looked whether somebody is to be asked
  public WorkloadWatch(
      ReconcilerDriver loop, ReconcilerPorts parts, Workload workload, Duration every) {
    this.loop = loop;
    this.steady = parts.steady();
    this.threads = parts.threads();
    this.workload = workload;
    this.every = every;
  }

  public void start() {
    thread =
        threads.start(
            "work watch", new Supervised(threads, LOG, "the watch of work in hand", this::step));
  }

  private boolean step() throws InterruptedException {
    look(loop.report());
    threads.sleep(every);
    return true;
  }

  private void look(HealthReport report) throws InterruptedException {
    if (report.lifecycle().drain().isPresent()) {
      return;
    }
    for (var service : ASKED) {
      var life =
          report.services().stream()
              .filter(s -> s.name().equals(service))
              .findFirst()
              .flatMap(WorkloadWatch::life);
      if (life.isEmpty()) {
        if (asked.remove(service) != null) {
          settle(service);
        }
      } else if (isDue(service, life.get())) {
        ask(service, life.get());
      }
    }
  }

  /// Of one that is up.
  private static Optional<Instant> life(ServiceReport service) {
    return service.isUp()
        ? service.containers().stream()
            .flatMap(c -> Optional.ofNullable(c.startedAt()).stream())
            .max(Instant::compareTo)
        : Optional.empty();
  }

  private boolean isDue(String service, Instant life) {
    var last = asked.get(service);
    if (last == null || !last.life().equals(life)) {
      return true;
    }
    var pause = last.failures() == 0 ? AGAIN : AFTER_FAILURE;
    return !steady.instant().isBefore(last.at().plus(pause));
  }

  private void ask(String service, Instant life) throws InterruptedException {
    var endpoint = endpoint(service);
    if (endpoint.isEmpty()) {
      return;
    }
    var failure = workload.underWay(endpoint.get()).whyFailed();
    var before = asked.get(service);
    var row = failure.isEmpty() ? 0 : before == null ? 1 : before.failures() + 1;
    asked.put(service, new Asked(life, steady.instant(), row));
    if (failure.isEmpty()) {
      settle(service);
    } else if (ActiveExecutions.cannotSay(failure.get()) || row > 1) {
      complain(service, failure.get());
    }
  }

  private void complain(String service, Failure failure) {
    var problem =
        new Problem(
            "drain",
            "%s cannot say what work it has in hand: %s".formatted(service, failure.message()),
            ActiveExecutions.cannotSay(failure)
                ? "a drain waits %d s for it, and may cut work off"
                    .formatted(ActiveExecutions.UNSAID.toSeconds())
                : "a drain waits for it until drain.timeout");
    loop.ask(() -> {
      if (loop.core().inputs().complaints().putNew(about(service), problem)) {
        loop.core().event("drain", service, problem.what(), problem.todo());
      }
    });
  }

  private void settle(String service) {
    loop.ask(() -> loop.core().inputs().complaints().settle(about(service)));
  }

  private static String about(String service) {
    return "work in hand of " + service;
  }

  private Optional<Endpoint> endpoint(String service) throws InterruptedException {
    var answer = new CompletableFuture<Optional<Endpoint>>();
    loop.wonder(() -> answer.complete(ActiveExecutions.endpoint(loop, service)));
    try {
      return threads.get(answer, Duration.ofSeconds(10));
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    Threads.interrupt(thread);
  }
}
