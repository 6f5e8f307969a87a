package io.armory.agent.reconcile;

import io.armory.agent.domain.Outcome;
import io.armory.agent.reconcile.election.PollerDuty;
import java.util.concurrent.CompletableFuture;

/// A poller's duty that is given up when the test says so.
final class FakeDuty implements PollerDuty {
  volatile CompletableFuture<Outcome<String>> resignation =
      CompletableFuture.completedFuture(Outcome.done(""));
  volatile boolean held = true;

  @Override
  public CompletableFuture<Outcome<String>> resign() {
    held = false;
    return resignation;
  }

  @Override
  public void resume() {
    held = true;
  }
}
