package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Workload;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An Orca with as much under way as the test says.
public final class FakeWork implements Workload {
  public final AtomicInteger tasks = new AtomicInteger();

  /// How often.
  public final AtomicInteger asked = new AtomicInteger();

  /// So many questions for what is in hand meet an Error.
  public final AtomicInteger errors = new AtomicInteger();

  volatile boolean takes = true;

  /// Fails the questions for what is in hand so.
  public volatile Failure.@Nullable Kind dumb;

  /// Fails every question so.
  volatile Failure.@Nullable Kind fault;

  @Override
  public Outcome<String> takeWork(Endpoint orca, boolean take) {
    if (fault != null) {
      return Outcome.failed(fault, "as told");
    }
    takes = take;
    return Outcome.done("");
  }

  @Override
  public Outcome<Integer> underWay(Endpoint service) {
    asked.incrementAndGet();
    if (errors.getAndUpdate(e -> Math.max(0, e - 1)) > 0) {
      throw new StackOverflowError("as told");
    }
    var kind = fault == null ? dumb : fault;
    return kind == null ? Outcome.done(tasks.get()) : Outcome.failed(kind, "as told");
  }
}
