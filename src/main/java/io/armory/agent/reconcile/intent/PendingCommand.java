package io.armory.agent.reconcile.intent;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.HealthReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/// An operator waits for something to come true.
///
/// @param settled looks at each new report: empty while undecided
/// @param deadline when it is given up
public record PendingCommand(
    String what,
    Function<HealthReport, Optional<Outcome<String>>> settled,
    Instant deadline,
    CompletableFuture<Outcome<String>> future) {

  public PendingCommand clockSet(Duration by) {
    return new PendingCommand(what, settled, deadline.plus(by), future);
  }

  /// @param answers takes the answer, if there is one
  /// @return whether it is over
  public boolean check(HealthReport report, Consumer<Runnable> answers) {
    var result = settled.apply(report);
    if (result.isEmpty() && report.at().isAfter(deadline)) {
      result =
          Optional.of(
              Outcome.failed(
                  new Failure(
                      Failure.Kind.TIMEOUT,
                      "%s; %s: not done in time"
                          .formatted(report.shortfall().orElse(report.ready().reason()), what))));
    }
    result.ifPresent(r -> answers.accept(() -> future.complete(r)));
    return result.isPresent() || future.isDone();
  }
}
