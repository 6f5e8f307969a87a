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
import java.util.function.ToIntFunction;

/// An operator waits for something to come true.
///
/// @param settled looks at each new report: empty while undecided
/// @param deadline when it is given up
/// @param pace by which the deadline moves
public record PendingCommand(
    String what,
    Function<HealthReport, Optional<Outcome<String>>> settled,
    Instant deadline,
    Pace pace,
    CompletableFuture<Outcome<String>> future) {

  /// One that is given up at its deadline, however far it is.
  public PendingCommand(
      String what,
      Function<HealthReport, Optional<Outcome<String>>> settled,
      Instant deadline,
      CompletableFuture<Outcome<String>> future) {
    this(what, settled, deadline, new Pace(_ -> 0, 0, Duration.ZERO), future);
  }

  /// What is waited for as long as it gets further.
  ///
  /// @param reached how far a report is
  /// @param furthest how far any was: what comes and goes for ever ends in time
  /// @param patience for each step
  public record Pace(ToIntFunction<HealthReport> reached, int furthest, Duration patience) {}

  public PendingCommand clockSet(Duration by) {
    return new PendingCommand(what, settled, deadline.plus(by), pace, future);
  }

  /// The same, which may have got further.
  public PendingCommand looked(HealthReport report) {
    var now = pace.reached().applyAsInt(report);
    return now <= pace.furthest()
        ? this
        : new PendingCommand(
            what,
            settled,
            report.at().plus(pace.patience()),
            new Pace(pace.reached(), now, pace.patience()),
            future);
  }

  /// @param answers takes the answer, if there is one
  /// @return whether it is over
  public boolean check(HealthReport report, Consumer<Runnable> answers) {
    var result = settled.apply(report);
    if (result.isEmpty() && report.at().isAfter(deadline)) {
      result =
          Optional.of(
              Outcome.failed(
                  Failure.Kind.TIMEOUT,
                  "%s; %s: not done in time"
                      .formatted(report.shortfall().orElse(report.ready().reason()), what)));
    }
    result.ifPresent(r -> answers.accept(() -> future.complete(r)));
    return result.isPresent() || future.isDone();
  }
}
