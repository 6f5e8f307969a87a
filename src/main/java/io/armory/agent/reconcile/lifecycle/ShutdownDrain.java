package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.intent.PendingCommand;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Takes the stack out of service because the node goes down: as a drain does, within what time EC2
/// gives a system that shuts down, some minutes. Nothing of it is kept: the next boot brings the
/// stack up again.
public record ShutdownDrain(ReconcilerDriver loop, DrainController drainer, Threads threads) {
  /// For work in hand to end, if an operator did not set less.
  private static final Duration WAIT = Duration.ofSeconds(90);

  private static final Duration ALL = Duration.ofMinutes(4);

  /// Returns when everything is stopped, or the time is over.
  ///
  /// @param longest the longest wait for work in hand, as configured
  /// @param progress told every second what is being done
  public void run(Duration longest, Consumer<String> progress) {
    var over = new CompletableFuture<Outcome<String>>();
    loop.ask(() -> begin(longest, over));
    try {
      while (true) {
        try {
          threads.get(over, Duration.ofSeconds(1));
          return;
        } catch (TimeoutException e) {
          progress.accept(loop.report().lifecycle().drain().map(Drain::doing).orElse("begins"));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void begin(Duration longest, CompletableFuture<Outcome<String>> over) {
    if (!loop.core().standstill().canStop()) {
      over.complete(Outcome.done("nothing is known that could be stopped"));
      return;
    }
    var now = loop.core().now();
    var wait = longest.compareTo(WAIT) < 0 ? longest : WAIT;
    drainer.begin(
        new Drain(
            Drain.Cause.SHUTDOWN,
            "the node shuts down",
            DrainCommands.instance(loop.core().inputs().sources().identity()),
            now,
            now.plus(wait),
            now.plus(ALL),
            Step.RESIGNING,
            "begins",
            false));
    loop.core().pledge(new PendingCommand("shutdown", ShutdownDrain::settled, now.plus(ALL), over));
  }

  private static Optional<Outcome<String>> settled(HealthReport report) {
    return report
        .lifecycle()
        .drain()
        .filter(d -> d.step() == Step.STOPPED)
        .map(d -> Outcome.done("drained"));
  }
}
