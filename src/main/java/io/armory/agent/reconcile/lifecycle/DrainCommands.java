package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ProgressLine;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.intent.CommandProgress;
import io.armory.agent.reconcile.intent.PendingCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Where operators take a node out of service and back.
public final class DrainCommands {
  /// Beyond the wait for work in hand: stopping, one grace period after the other.
  private static final Duration STOPPING = Duration.ofHours(1);

  private final ReconcilerDriver loop;
  private final DrainController drainer;
  private final Duration usual;

  /// @param usual the wait for work in hand when nothing else is said
  public DrainCommands(ReconcilerDriver loop, DrainController drainer, Duration usual) {
    this.loop = loop;
    this.drainer = drainer;
    this.usual = usual;
  }

  public CompletableFuture<Outcome<String>> drain(
      Duration timeout, String by, Consumer<String> progress) {
    var future = new CompletableFuture<Outcome<String>>();
    loop.ask(
        future,
        () -> {
          var now = loop.core().now();
          var wait = timeout.isPositive() ? timeout : usual;
          loop.core().event("operator", "", "drain", "asked for by " + by);
          drainer.begin(
              new Drain(
                  Drain.Cause.OPERATOR,
                  "asked for by " + by,
                  instance(loop.core().inputs().sources().identity()),
                  now,
                  now.plus(wait),
                  null,
                  Step.RESIGNING,
                  "begins",
                  false));
          loop.core()
              .pledge(
                  new PendingCommand(
                      "drain",
                      new Follower(progress, now)::settled,
                      now.plus(wait).plus(STOPPING),
                      future));
        });
    return future;
  }

  static String instance(Optional<NodeIdentity> node) {
    return node.flatMap(n -> n.fact(NodeIdentity.INSTANCE_ID)).orElse("");
  }

  /// Undoes a drain for `start`, or says why the order cannot be carried out; on the loop's thread.
  ///
  /// @param startsAll the order is to start everything
  public Optional<Failure> permits(String order, boolean startsAll, String by) {
    var drain = loop.core().course().drain();
    if (drain.isEmpty() || order.equals("stop")) {
      return Optional.empty();
    }
    if (!drain.get().isUndoable()) {
      return Optional.of(
          new Failure(
              Failure.Kind.CONFLICT,
              order + ": not on a node that goes out of service: " + drain.get().why()));
    }
    if (!startsAll) {
      return Optional.of(
          new Failure(
              Failure.Kind.CONFLICT,
              "%s: the node is drained (%s); `armory-agent start` takes it back into service"
                  .formatted(order, drain.get().why())));
    }
    if (drain.get().cause() != Drain.Cause.OPERATOR) {
      loop.core().course().overrule(drain.get());
    }
    drainer.end("start, asked for by " + by);
    return Optional.empty();
  }

  /// Tells an operator how the drain goes.
  private static final class Follower {
    private final ProgressLine waiting;
    private final CommandProgress stopping;

    Follower(Consumer<String> progress, Instant began) {
      this.waiting = new ProgressLine(progress, began);
      this.stopping = new CommandProgress(progress, began);
    }

    Optional<Outcome<String>> settled(HealthReport report) {
      var drain = report.lifecycle().drain();
      if (drain.isEmpty()) {
        return Optional.of(Outcome.failed(Failure.Kind.CONFLICT, "drain: undone by a start"));
      }
      if (drain.get().step() == Step.STOPPED) {
        return Optional.of(Outcome.done(done(drain.get())));
      }
      waiting.tell("", drain.get().doing(), report.at());
      if (drain.get().step() == Step.STOPPING) {
        var all = report.services().stream().map(ServiceReport::name).collect(Collectors.toSet());
        stopping.tell(report, all, "stopped", CommandProgress::isStopped);
      }
      return Optional.empty();
    }

    private static String done(Drain drain) {
      return (drain.forced() ? "drained, work in hand was cut off" : "drained")
          + (drain.isUndoable()
              ? "; `armory-agent start` takes the node back into service"
              : "; " + drain.why());
    }
  }
}
