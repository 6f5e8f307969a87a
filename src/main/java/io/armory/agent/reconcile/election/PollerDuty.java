package io.armory.agent.reconcile.election;

import io.armory.agent.domain.Outcome;
import java.util.concurrent.CompletableFuture;

/// The node's part in the election of the fleet's one poller, as far as a drain is concerned.
public interface PollerDuty {

  /// Gives the duty up and does not take it again before [#resume]: the pollers of this node are
  /// stopped, then the lease is released, so that another node may take it. Ends when that is done,
  /// or with a failure when it could not be done in the lease's own bounds; never blocks its
  /// caller.
  CompletableFuture<Outcome<String>> resign();

  /// The node may stand for election again.
  void resume();

  /// For nodes without an election.
  PollerDuty NONE =
      new PollerDuty() {
        @Override
        public CompletableFuture<Outcome<String>> resign() {
          return CompletableFuture.completedFuture(Outcome.done("this node elects no poller"));
        }

        @Override
        public void resume() {}
      };
}
