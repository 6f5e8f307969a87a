package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.plan.Topology;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.intent.CommandProgress;
import io.armory.agent.reconcile.intent.PendingCommand;
import io.armory.agent.reconcile.intent.PendingCommand.Pace;
import io.armory.agent.reconcile.lifecycle.DrainCommands;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Stops, starts and restarts services as operators ask, by way of what is wished for.
record ServiceCommands(ReconcilerDriver loop, DrainCommands drains) {
  /// For each of the services, beside the time that its definition gives it.
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  CompletableFuture<Outcome<String>> stop(
      List<String> named, String by, Consumer<String> progress) {
    return intend(
        "stop",
        named,
        by,
        progress,
        (services, kept) -> {
          var now = loop.core().now();
          var stopped = new HashMap<String, Stopped>();
          services.forEach(s -> stopped.put(s, new Stopped(by, now)));
          loop.core().wishes().stop(stopped, kept);
        },
        (report, services) ->
            each(report, services, CommandProgress::isStopped)
                ? Optional.of(Outcome.done(list(services) + " stopped, until `armory-agent start`"))
                : Optional.empty());
  }

  CompletableFuture<Outcome<String>> start(
      List<String> named, String by, Consumer<String> progress) {
    return intend(
        "start",
        named,
        by,
        progress,
        (services, kept) -> {
          var stopped = new HashMap<>(loop.core().wishes().intents().stopped());
          var restarts = new HashMap<>(loop.core().wishes().intents().restarts());
          for (var s : withDependencies(services)) {
            // One that ended well on being stopped must not pass for completed.
            if (stopped.remove(s) != null) {
              restarts.put(s, loop.core().now());
            }
          }
          services.forEach(loop.core()::forgetBackoff);
          loop.core().wishes().intend(new Intents(stopped, restarts, false), kept);
        },
        (report, services) ->
            each(report, services, ServiceReport::isUp)
                ? Optional.of(Outcome.done(list(services) + " up"))
                : Optional.empty());
  }

  CompletableFuture<Outcome<String>> restart(
      List<String> named, String by, Consumer<String> progress) {
    return intend(
        "restart",
        named,
        by,
        progress,
        (services, kept) -> {
          var now = loop.core().now();
          var restarts = new HashMap<>(loop.core().wishes().intents().restarts());
          services.forEach(s -> restarts.put(s, now));
          services.forEach(loop.core()::forgetBackoff);
          loop.core()
              .wishes()
              .intend(new Intents(loop.core().wishes().intents().stopped(), restarts, false), kept);
        },
        (report, services) ->
            services.stream().noneMatch(this::isToRestart)
                    && each(report, services, ServiceReport::isUp)
                ? Optional.of(Outcome.done(list(services) + " restarted and up"))
                : Optional.empty());
  }

  private interface Change {
    /// @param kept told why it is not kept; empty: it is
    void make(Set<String> services, Consumer<Optional<Failure>> kept);
  }

  /// What the next process would not know of is not said to be done.
  private static Failure unkept(String what, Failure why) {
    return why.saying(
        what.equals("stop")
            ? "nothing is stopped, as that cannot be kept: "
            : what + ": begun, but that cannot be kept: ");
  }

  private interface Settled {
    Optional<Outcome<String>> in(HealthReport report, Set<String> services);
  }

  private CompletableFuture<Outcome<String>> intend(
      String what,
      List<String> named,
      String by,
      Consumer<String> progress,
      Change change,
      Settled settled) {
    var future = new CompletableFuture<Outcome<String>>();
    loop.ask(
        future,
        () -> {
          var known = loop.core().stack().services().keySet();
          var wasDrained = loop.core().course().isDraining();
          var refused = drains.permits(what, what.equals("start") && named.isEmpty(), by);
          if (refused.isPresent()) {
            loop.core().answer(future, Outcome.failed(refused.get()));
          } else if (known.isEmpty() && wasDrained && !loop.core().course().isDraining()) {
            loop.core()
                .answer(
                    future, Outcome.done("the drain is over; there is no revision to start yet"));
          } else if (known.isEmpty()) {
            loop.core()
                .answer(
                    future,
                    Outcome.failed(
                        Failure.Kind.NOT_FOUND,
                        "no revision yet: " + loop.report().ready().reason()));
          } else if (!known.containsAll(named)) {
            var unknown = named.stream().filter(n -> !known.contains(n)).findFirst().orElse("");
            loop.core()
                .answer(
                    future, Outcome.failed(Failure.Kind.INVALID, loop.report().noService(unknown)));
          } else {
            var services = named.isEmpty() ? Set.copyOf(known) : Set.copyOf(named);
            var told = new CommandProgress(progress, loop.core().now());
            var patience = patience(services);
            var pledge =
                new PendingCommand(
                    String.join(" ", Stream.concat(Stream.of(what), named.stream()).toList()),
                    r -> {
                      tell(told, what, r, services);
                      return settled.in(r, services);
                    },
                    loop.core().now().plus(patience),
                    new Pace(r -> there(what, r, services), 0, patience),
                    future);
            change.make(
                services,
                unkept -> {
                  if (unkept.isPresent()) {
                    loop.core().answer(future, Outcome.failed(unkept(what, unkept.get())));
                    return;
                  }
                  services.forEach(
                      s -> loop.core().event("operator", s, what, "asked for by " + by));
                  loop.core().pledge(pledge);
                });
          }
        });
    return future;
  }

  private void tell(
      CommandProgress progress, String what, HealthReport report, Set<String> services) {
    var word =
        switch (what) {
          case "stop" -> "stopped";
          case "restart" -> "restarted";
          default -> "up";
        };
    progress.tell(report, services, word, s -> isThere(what, s));
  }

  private boolean isThere(String what, ServiceReport s) {
    return switch (what) {
      case "stop" -> CommandProgress.isStopped(s);
      case "restart" -> s.isUp() && !isToRestart(s.name());
      default -> s.isUp();
    };
  }

  private int there(String what, HealthReport report, Set<String> services) {
    return (int)
        report.services().stream()
            .filter(s -> services.contains(s.name()) && isThere(what, s))
            .count();
  }

  /// How long it may last until another one of them is as it is to be.
  private Duration patience(Set<String> services) {
    return services.stream()
        .flatMap(s -> Optional.ofNullable(loop.core().stack().services().get(s)).stream())
        .map(s -> s.startPeriod().orElse(Duration.ZERO).plus(s.stopGracePeriod()))
        .max(Duration::compareTo)
        .orElse(Duration.ZERO)
        .plus(PATIENCE);
  }

  private boolean isToRestart(String service) {
    return loop.core().wishes().intents().restarts().containsKey(service);
  }

  /// Starting a service starts what it needs.
  private Set<String> withDependencies(Set<String> services) {
    var topology = new Topology(loop.core().stack());
    var all = new HashSet<>(services);
    services.forEach(s -> all.addAll(topology.dependencies(s)));
    return all;
  }

  private static boolean each(
      HealthReport report, Set<String> services, Predicate<ServiceReport> test) {
    var found = report.services().stream().filter(s -> services.contains(s.name())).toList();
    return !found.isEmpty() && found.stream().allMatch(s -> s.optional() || test.test(s));
  }

  private static String list(Set<String> services) {
    return services.stream().sorted().reduce((a, b) -> a + ", " + b).orElse("nothing");
  }
}
