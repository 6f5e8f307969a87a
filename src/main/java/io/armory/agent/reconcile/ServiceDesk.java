package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ServiceReport;
import io.armory.agent.plan.Topology;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Stops, starts and restarts services as operators ask, by way of what is wished for.
final class ServiceDesk {
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private final Loop loop;
  private final DrainDesk drains;

  ServiceDesk(Loop loop, DrainDesk drains) {
    this.loop = loop;
    this.drains = drains;
  }

  CompletableFuture<Outcome<String>> stop(String service, String by) {
    return intend(
        "stop",
        service,
        by,
        services -> {
          var now = loop.now();
          var stopped = new HashMap<>(loop.wishes().intents().stopped());
          services.forEach(s -> stopped.putIfAbsent(s, new Stopped(by, now)));
          loop.wishes().intend(new Intents(stopped, loop.wishes().intents().restarts(), false));
        },
        (report, services) ->
            each(report, services, s -> s.containers().stream().noneMatch(ServiceDesk::isActive))
                ? Optional.of(Outcome.done(list(services) + " stopped, until `armory-agent start`"))
                : Optional.empty());
  }

  CompletableFuture<Outcome<String>> start(String service, String by) {
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
        },
        (report, services) ->
            each(report, services, ServiceReport::isUp)
                ? Optional.of(Outcome.done(list(services) + " up"))
                : Optional.empty());
  }

  CompletableFuture<Outcome<String>> restart(String service, String by) {
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
        },
        (report, services) ->
            services.stream().noneMatch(loop.wishes().intents().restarts()::containsKey)
                    && each(report, services, ServiceReport::isUp)
                ? Optional.of(Outcome.done(list(services) + " restarted and up"))
                : Optional.empty());
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
                        Failure.Kind.NOT_FOUND,
                        "no revision yet: " + loop.report().ready().reason())));
          } else if (!service.isEmpty() && !known.contains(service)) {
            future.complete(
                Outcome.failed(
                    new Failure(Failure.Kind.NOT_FOUND, unknown(loop.report(), service))));
          } else {
            var services = service.isEmpty() ? Set.copyOf(known) : Set.of(service);
            change.accept(services);
            services.forEach(s -> loop.event("operator", s, what, "asked for by " + by));
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
      HealthReport report, Set<String> services, Predicate<ServiceReport> test) {
    var found = report.services().stream().filter(s -> services.contains(s.name())).toList();
    return !found.isEmpty() && found.stream().allMatch(s -> s.optional() || test.test(s));
  }

  private static boolean isActive(ServiceReport.ContainerReport c) {
    return Set.of("running", "paused", "restarting").contains(c.engineState());
  }

  static String unknown(HealthReport report, String service) {
    var known = report.services().stream().map(ServiceReport::name).sorted().toList();
    return "no service %s on this node; it has: %s".formatted(service, String.join(", ", known));
  }

  private static String list(Set<String> services) {
    return services.stream().sorted().reduce((a, b) -> a + ", " + b).orElse("nothing");
  }
}
