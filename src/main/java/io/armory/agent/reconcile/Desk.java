package io.armory.agent.reconcile;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.HealthReport.Maintenance;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Revision;
import io.armory.agent.port.Control;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Where operators are served: questions from what is published, commands by way of the loop.
public final class Desk implements Control {
  private final Loop loop;
  private final LoopParts parts;

  private final DrainDesk drains;
  private final ServiceDesk services;
  private final LogDesk logs;

  /// @param drainWait for work in hand to end, when an operator says nothing else
  public Desk(Loop loop, LoopParts parts, Drainer drainer, Duration drainWait) {
    this.loop = loop;
    this.parts = parts;
    this.drains = new DrainDesk(loop, drainer, drainWait);
    this.services = new ServiceDesk(loop, drains);
    this.logs = new LogDesk(loop::report, parts.engine(), parts.clock());
  }

  @Override
  public HealthReport report() {
    return loop.report();
  }

  @Override
  public Parameters parameters() {
    var known = loop.parameters();
    return report()
        .revision()
        .flatMap(r -> Optional.ofNullable(r.staleSince()))
        .map(since ->
            known.overlaidBy(
                new Parameters(
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    List.of(
                        new Problem(
                            "stale",
                            "the sources could last be read at " + since + "; this is from then",
                            "see armory-agent status")))))
        .orElse(known);
  }

  @Override
  public String renderedCompose() {
    return loop.revision().map(Revision::composeYaml).orElse("");
  }

  @Override
  public CompletableFuture<Outcome<String>> sync(SyncRequest request, Consumer<String> progress) {
    var future = new CompletableFuture<Outcome<String>>();
    loop.ask(
        "sync",
        () -> {
          var refused = drains.permits("sync", false, "");
          if (refused.isPresent()) {
            future.complete(Outcome.failed(refused.get()));
            return;
          }
          if (request.removeOrphans()) {
            var i = loop.wishes().intents();
            loop.wishes().intend(new Intents(i.stopped(), i.restarts(), true));
          }
          if (request.retry()) {
            loop.tryRejectedAgain();
          }
          var following = new Sync(loop, progress, request.removeOrphans());
          loop.pledge(
              new Pledge("sync", following::settled, loop.now().plus(request.timeout()), future));
          loop.pullAgain();
          loop.inputs().refresh();
        });
    return future;
  }

  @Override
  public CompletableFuture<Outcome<String>> stop(String service, String by) {
    return services.stop(service, by);
  }

  @Override
  public CompletableFuture<Outcome<String>> start(String service, String by) {
    return services.start(service, by);
  }

  @Override
  public CompletableFuture<Outcome<String>> restart(String service, String by) {
    return services.restart(service, by);
  }

  @Override
  public CompletableFuture<Outcome<String>> pull(Consumer<String> progress) {
    var stack = loop.revision().map(Revision::stack);
    if (stack.isEmpty()) {
      return CompletableFuture.completedFuture(
          Outcome.failed(
              new Failure(
                  Failure.Kind.NOT_FOUND, "no revision yet: " + report().ready().reason())));
    }
    return CompletableFuture.supplyAsync(
        () -> Pulls.all(parts.engine(), stack.get(), progress),
        task -> Thread.ofVirtual().name("pull").start(task));
  }

  @Override
  public CompletableFuture<Outcome<String>> maintenance(
      Duration duration, String reason, boolean standby, String by) {
    var future = new CompletableFuture<Outcome<String>>();
    loop.ask(
        "maintenance",
        () -> {
          var now = loop.now();
          if (duration.isPositive()) {
            loop.wishes()
                .maintain(
                    Optional.of(new Maintenance(now, now.plus(duration), reason, by, standby)));
            var warning =
                !standby && loop.course().endsTheUnready()
                    ? "; the Auto Scaling group ends instances that its load balancers call"
                        + " unhealthy: with --standby it leaves this one alone"
                    : "";
            future.complete(Outcome.done("in maintenance until " + now.plus(duration) + warning));
          } else {
            loop.wishes().maintain(Optional.empty());
            future.complete(Outcome.done("maintenance ended"));
          }
          loop.event(
              "operator",
              "",
              duration.isPositive() ? "maintenance for " + duration : "maintenance ended",
              reason.isEmpty() ? "asked for by " + by : reason + ", asked for by " + by);
        });
    return future;
  }

  @Override
  public CompletableFuture<Outcome<String>> drain(
      Duration timeout, String by, Consumer<String> progress) {
    return drains.drain(timeout, by, progress);
  }

  @Override
  public List<AgentEvent> events(Instant since, int limit) {
    return parts.events().since(since, limit);
  }

  @Override
  public CompletableFuture<Outcome<List<LogLine>>> logs(String service, LogRange range) {
    return logs.last(service, range);
  }

  @Override
  public List<Evidence> failures(String service) {
    return loop.evidence().kept().stream()
        .filter(e -> service.isEmpty() || e.service().equals(service))
        .toList();
  }

  @Override
  public Outcome<Following> follow(String service, LogRange range, LogReader reader) {
    return logs.follow(service, range, reader);
  }
}
