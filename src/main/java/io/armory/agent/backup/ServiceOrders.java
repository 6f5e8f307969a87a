package io.armory.agent.backup;

import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.ServiceReport.State;
import io.armory.agent.port.Control;
import io.armory.agent.port.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Services are stopped and started for a restore as for an operator.
///
/// @param progress told how far it is
record ServiceOrders(Control desk, Threads threads, Consumer<String> progress) {
  private static final String BY = "restore";

  /// Who is asked gives up by himself, when nothing gets further: no restore ends before that.
  private static final Duration FOREVER = Duration.ofDays(1);

  Outcome<String> stop(List<String> services) {
    return services.isEmpty()
        ? Outcome.done("")
        : awaited(desk.stop(services, BY, progress), "stop");
  }

  Outcome<String> start(List<String> services) {
    return services.isEmpty()
        ? Outcome.done("")
        : awaited(desk.start(services, BY, progress), "start");
  }

  /// What was stopped by somebody stays so, and what another node runs.
  List<String> running() {
    return desk.report().services().stream()
        .filter(s -> s.state() != State.STOPPED && s.state() != State.STANDBY)
        .map(s -> s.name())
        .sorted()
        .toList();
  }

  private Outcome<String> awaited(CompletableFuture<Outcome<String>> ordered, String what) {
    try {
      return threads.get(ordered, FOREVER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Outcome.failed(Kind.TRANSIENT, "the agent ends");
    } catch (ExecutionException | TimeoutException e) {
      return Outcome.failed(Kind.TIMEOUT, what + " did not end: " + e.getMessage());
    }
  }
}
