package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// An operator waits for something to come true.
///
/// @param settled looks at each new report: empty while undecided
/// @param deadline when it is given up
record Pledge(
    String what,
    Function<HealthReport, Optional<Outcome<String>>> settled,
    Instant deadline,
    CompletableFuture<Outcome<String>> future) {

  Pledge clockSet(Duration by) {
    return new Pledge(what, settled, deadline.plus(by), future);
  }

  /// @return whether it is over
  boolean check(HealthReport report) {
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
    result.ifPresent(future::complete);
    return result.isPresent() || future.isDone();
  }
}
