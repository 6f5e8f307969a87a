package io.armory.agent.backup;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;

/// How a restore ends, from wherever it is: by the process that began it, or by the next. First the
/// data is as it is to stay, which is kept; then what was stopped is started. Each may be done
/// again.
record RestoreEnd(StateStore state, StoreVolumes volumes, ServiceOrders services) {

  /// Puts the former data back, or keeps the new, whichever its step asks for.
  ///
  /// @return where former data is kept, in each of the volumes
  Outcome<String> place(RestoreRecord left) {
    var placed =
        switch (left.step()) {
          case LOADING -> volumes.back(left);
          case STOPPED -> services.stop(left.stopped()).flatMap(_ -> volumes.back(left));
          case SWAPPED -> volumes.done(left);
          case UNDONE, COMPLETED -> Outcome.done("");
        };
    return placed.flatMap(where -> left.at(left.end()).keep(state).map(_ -> where));
  }

  /// Starts what was stopped. What comes of it is the services' own affair, but who was not asked
  /// any more is asked by the next process.
  static void start(StateStore state, ServiceOrders services, RestoreRecord left) {
    var started = services.start(left.stopped());
    if (Thread.currentThread().isInterrupted()) {
      return;
    }
    started
        .whyFailed()
        .ifPresent(f -> services.progress().accept("not all services are up: " + f.message()));
    RestoreRecord.forget(state).whyFailed().ifPresent(f -> services.progress().accept(f.message()));
  }
}
