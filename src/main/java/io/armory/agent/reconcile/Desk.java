package io.armory.agent.reconcile;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.HealthReport.Maintenance;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Revision;
import io.armory.agent.domain.ServiceReport;
import io.armory.agent.plan.Topology;
import io.armory.agent.port.Control;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Where operators are served: questions from what is published, commands by way of the loop.
public final class Desk implements Control {
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private final Loop loop;
  private final LoopParts parts;

  private final DrainDesk drains;

  /// @param drainWait for running work to end, when an operator says nothing else
  public Desk(Loop loop, LoopParts parts, Drainer drainer, Duration drainWait) {
    this.loop = loop;
    this.parts = parts;
    this.drains = new DrainDesk(loop, drainer, drainWait);
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
    return intend(
        "stop",
        service,
        by,
        services -> {
          var now = loop.now();
          var stopped = new HashMap<>(loop.wishes().intents().stopped());
          services.forEach(s -> stopped.putIfAbsent(s, new Stopped(by, now)));
          loop.wishes().intend(new Intents(stopped, loop.wishes().intents().restarts(), false));
          services.forEach(s -> loop.event("operator", s, "stop", "asked for by " + by));
        },
        (report, services) ->
            each(report, services, s -> s.containers().stream().noneMatch(Desk::isActive))
                ? Optional.of(Outcome.done(list(services) + " stopped, until `armory-agent start`"))
                : Optional.empty());
  }

  @Override
  public CompletableFuture<Outcome<String>> start(String service, String by) {
    return intend(
        "start",
        service,
        by,
        services -> {
          var stopped = new HashMap<>(loop.wishes().intents().stopped());
          var restarts = new HashMap<>(loop.wishes().intents().restarts());
          for (var s : withDependencies(services)) {
            // One that ended well on being stopped must not pass for completed.
            if (stopped.remove(s) != null) {
              restarts.put(s, loop.now());
            }
          }
          services.forEach(loop::forgetBackoff);
          loop.wishes().intend(new Intents(stopped, restarts, false));
          services.forEach(s -> loop.event("operator", s, "start", "asked for by " + by));
        },
        (report, services) ->
            each(report, services, ServiceReport::isUp)
                ? Optional.of(Outcome.done(list(services) + " up"))
                : Optional.empty());
  }

  @Override
  public CompletableFuture<Outcome<String>> restart(String service, String by) {
    return intend(
        "restart",
        service,
        by,
        services -> {
          var now = loop.now();
          var restarts = new HashMap<>(loop.wishes().intents().restarts());
          services.forEach(s -> restarts.put(s, now));
          services.forEach(loop::forgetBackoff);
          loop.wishes().intend(new Intents(loop.wishes().intents().stopped(), restarts, false));
          services.forEach(s -> loop.event("operator", s, "restart", "asked for by " + by));
        },
        (report, services) ->
            services.stream().noneMatch(loop.wishes().intents().restarts()::containsKey)
                    && each(report, services, ServiceReport::isUp)
                ? Optional.of(Outcome.done(list(services) + " restarted and up"))
                : Optional.empty());
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
            future.complete(Outcome.done("in maintenance until " + now.plus(duration)));
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
  public CompletableFuture<Outcome<List<String>>> logs(String service, int lines) {
    var containers =
        report().services().stream()
            .filter(s -> s.name().equals(service))
            .flatMap(s -> s.containers().stream())
            .toList();
    if (containers.isEmpty()) {
      return CompletableFuture.completedFuture(
          Outcome.failed(new Failure(Failure.Kind.NOT_FOUND, unknown(service))));
    }
    return CompletableFuture.supplyAsync(
        () -> {
          var all = new ArrayList<String>();
          for (var c : containers) {
            switch (parts.engine().lastLogLines(c.id(), lines)) {
              case Outcome.Done<List<String>>(var read) -> all.addAll(read);
              case Outcome.Failed<List<String>>(var failure) -> {
                return Outcome.failed(failure);
              }
            }
          }
          return Outcome.done(all);
        },
        task -> Thread.ofVirtual().name("logs").start(task));
  }

  private interface Settled {
    Optional<Outcome<String>> in(HealthReport report, Set<String> services);
  }

  private CompletableFuture<Outcome<String>> intend(
      String what, String service, String by, Consumer<Set<String>> change, Settled settled) {
    var future = new CompletableFuture<Outcome<String>>();
    loop.ask(
        what,
        () -> {
          var known = loop.stack().services().keySet();
          var wasDrained = loop.course().isDraining();
          var refused = drains.permits(what, what.equals("start") && service.isEmpty(), by);
          if (refused.isPresent()) {
            future.complete(Outcome.failed(refused.get()));
          } else if (known.isEmpty() && wasDrained && !loop.course().isDraining()) {
            future.complete(Outcome.done("the drain is over; there is no revision to start yet"));
          } else if (known.isEmpty()) {
            future.complete(
                Outcome.failed(
                    new Failure(
                        Failure.Kind.NOT_FOUND, "no revision yet: " + report().ready().reason())));
          } else if (!service.isEmpty() && !known.contains(service)) {
            future.complete(Outcome.failed(new Failure(Failure.Kind.NOT_FOUND, unknown(service))));
          } else {
            var services = service.isEmpty() ? Set.copyOf(known) : Set.of(service);
            change.accept(services);
            loop.pledge(
                new Pledge(
                    what + (service.isEmpty() ? "" : " " + service),
                    r -> settled.in(r, services),
                    loop.now().plus(PATIENCE),
                    future));
          }
        });
    return future;
  }

  /// Starting a service starts what it needs.
  private Set<String> withDependencies(Set<String> services) {
    var topology = new Topology(loop.stack());
    var all = new HashSet<>(services);
    services.forEach(s -> all.addAll(topology.dependencies(s)));
    return all;
  }

  private static boolean each(
      HealthReport report, Set<String> services, java.util.function.Predicate<ServiceReport> test) {
    var found = report.services().stream().filter(s -> services.contains(s.name())).toList();
    return !found.isEmpty() && found.stream().allMatch(s -> s.optional() || test.test(s));
  }

  private static boolean isActive(ServiceReport.ContainerReport c) {
    return Set.of("running", "paused", "restarting").contains(c.engineState());
  }

  private String unknown(String service) {
    var known = report().services().stream().map(ServiceReport::name).sorted().toList();
    return "no service %s on this node; it has: %s".formatted(service, String.join(", ", known));
  }

  private static String list(Set<String> services) {
    return services.stream().sorted().reduce((a, b) -> a + ", " + b).orElse("nothing");
  }
}
