package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Control;
import io.armory.agent.port.UsageMeter;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.reconcile.execute.ImagePuller;
import io.armory.agent.reconcile.intent.PendingCommand;
import io.armory.agent.reconcile.lifecycle.DrainCommands;
import io.armory.agent.reconcile.lifecycle.DrainController;
import io.armory.agent.reconcile.logs.LogCommands;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// Where operators are served: questions from what is published, commands by way of the loop.
public final class OperatorApi implements Control {
  private final ReconcilerDriver loop;
  private final ReconcilerPorts parts;

  private final UsageMeter usage;
  private final DrainCommands drains;
  private final ServiceCommands services;
  private final LogCommands logs;
  private final Restoring restoring;

  /// @param drainWait for work in hand to end, when an operator says nothing else
  /// @param usage what services use
  /// @param restoring puts backups back
  public OperatorApi(
      ReconcilerDriver loop,
      ReconcilerPorts parts,
      DrainController drainer,
      Duration drainWait,
      UsageMeter usage,
      Restoring restoring) {
    this.usage = usage;
    this.restoring = restoring;
    this.loop = loop;
    this.parts = parts;
    this.drains = new DrainCommands(loop, drainer, drainWait);
    this.services = new ServiceCommands(loop, drains);
    this.logs = new LogCommands(loop::report, parts.engine(), parts.clock(), parts.threads());
  }

  @Override
  public HealthReport report() {
    return loop.report();
  }

  @Override
  public HealthReport measured() {
    return usage.measured(report());
  }

  @Override
  public boolean knowsRates() {
    return usage.knowsRates();
  }

  @Override
  public Parameters parameters() {
    var known = loop.revision().map(r -> EffectiveParameters.of(r, loop.parameters()));
    return aged(known.orElseGet(loop::parameters));
  }

  private Parameters aged(Parameters known) {
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
    if (request.dryRun()) {
      return new SyncPreview(loop, parts).start(progress);
    }
    var future = new CompletableFuture<Outcome<String>>();
    loop.ask(
        future,
        () -> {
          var refused = drains.permits("sync", false, "");
          if (refused.isPresent()) {
            loop.core().answer(future, Outcome.failed(refused.get()));
            return;
          }
          if (request.removeOrphans()) {
            var i = loop.core().wishes().intents();
            loop.core().wishes().intend(new Intents(i.stopped(), i.restarts(), true));
          }
          if (request.retry()) {
            loop.core().tryRejectedAgain();
          }
          if (request.now()) {
            var by = "by sync --now, asked for by " + request.by();
            loop.core().turns().jump(by, loop.core().now());
          }
          var following = new SyncCommand(loop, progress, request);
          loop.core()
              .pledge(
                  new PendingCommand(
                      "sync",
                      following::settled,
                      loop.core().now().plus(request.timeout()),
                      future));
          loop.core().pullAgain();
          RollbackCommand.releaseHold(loop, "sync by " + request.by());
          loop.core().inputs().refresh();
        });
    return future;
  }

  @Override
  public CompletableFuture<Outcome<String>> rollback(
      RollbackRequest request, Consumer<String> progress) {
    return new RollbackCommand(loop, parts, request).start(progress);
  }

  @Override
  public CompletableFuture<Outcome<String>> approve(
      ApproveRequest request, Consumer<String> progress) {
    return new ApproveCommand(loop, request).start(progress);
  }

  @Override
  public CompletableFuture<Outcome<String>> stop(
      List<String> named, String by, Consumer<String> progress) {
    return services.stop(named, by, progress);
  }

  @Override
  public CompletableFuture<Outcome<String>> start(
      List<String> named, String by, Consumer<String> progress) {
    return services.start(named, by, progress);
  }

  @Override
  public CompletableFuture<Outcome<String>> restart(
      List<String> named, String by, Consumer<String> progress) {
    return services.restart(named, by, progress);
  }

  @Override
  public CompletableFuture<Outcome<String>> pull(Consumer<String> progress) {
    var stack = loop.revision().map(Revision::stack);
    if (stack.isEmpty()) {
      return CompletableFuture.completedFuture(
          Outcome.failed(Failure.Kind.NOT_FOUND, "no revision yet: " + report().ready().reason()));
    }
    return CompletableFuture.supplyAsync(
        () -> ImagePuller.all(parts.engine(), stack.get(), parts.clock()::instant, progress),
        task -> parts.threads().start("pull", task));
  }

  @Override
  public CompletableFuture<Outcome<String>> maintenance(
      Duration duration, String reason, boolean standby, String by) {
    var future = new CompletableFuture<Outcome<String>>();
    loop.ask(
        future,
        () -> {
          var now = loop.core().now();
          var before = loop.core().wishes().maintenance().map(Maintenance::reason).orElse("");
          var why = reason.isEmpty() && duration.isPositive() ? before : reason;
          var wanted =
              duration.isPositive()
                  ? Optional.of(new Maintenance(now, now.plus(duration), why, by, standby))
                  : Optional.<Maintenance>empty();
          loop.core()
              .wishes()
              .maintain(
                  wanted,
                  unkept -> {
                    loop.core().answer(future, maintained(wanted, unkept));
                    if (unkept.isEmpty()) {
                      loop.core()
                          .event(
                              "operator",
                              "",
                              wanted.isPresent()
                                  ? "maintenance until "
                                      + wanted.get().until().truncatedTo(ChronoUnit.SECONDS)
                                  : "maintenance ended",
                              why.isEmpty() ? "asked for by " + by : why + ", asked for by " + by);
                    }
                  });
        });
    return future;
  }

  private Outcome<String> maintained(Optional<Maintenance> wanted, Optional<Failure> unkept) {
    if (unkept.isPresent()) {
      return Outcome.failed(
          unkept
              .get()
              .saying(
                  wanted.isPresent()
                      ? "no maintenance, as it cannot be kept: "
                      : "maintenance ended, but that cannot be kept: "));
    }
    if (wanted.isEmpty()) {
      return Outcome.done("maintenance ended");
    }
    var warning =
        !wanted.get().standby() && loop.core().course().endsTheUnready()
            ? "; the Auto Scaling group ends instances that its load balancers call"
                + " unhealthy: with --standby it leaves this one alone"
            : "";
    var until = wanted.get().until().truncatedTo(ChronoUnit.SECONDS);
    var why = wanted.get().reason().isEmpty() ? "" : ": " + wanted.get().reason();
    return Outcome.done("in maintenance until " + until + why + warning);
  }

  @Override
  public CompletableFuture<Outcome<String>> drain(
      Duration timeout, String by, Consumer<String> progress) {
    return drains.drain(timeout, by, progress);
  }

  @Override
  public CompletableFuture<Outcome<String>> restore(
      RestoreRequest request, Consumer<String> progress) {
    return restoring.begin(this, request, progress);
  }

  @Override
  public CompletableFuture<Outcome<String>> backedUp(String address, String by) {
    restoring.made(address, by);
    return CompletableFuture.completedFuture(Outcome.done(""));
  }

  @Override
  public List<RevisionEntry> history() {
    return HistoryWithWaiting.of(loop.history().all(), loop.report());
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
  public CompletableFuture<Outcome<Following>> follow(
      String service, LogRange range, LogReader reader) {
    return logs.follow(service, range, reader);
  }
}
