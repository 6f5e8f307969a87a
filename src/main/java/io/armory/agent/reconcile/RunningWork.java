package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Workload;
import io.armory.agent.port.Workload.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/// What still runs on a node that is to stop: Orca's tasks, once it takes no more, and Rosco's
/// bakes. A service of a version that cannot say is said to be so and not waited for: its grace
/// period is all there is.
final class RunningWork {
  /// An Orca that goes on taking work is idle now and then: so many times in a row it must be.
  private static final int IDLE_IN_A_ROW = 3;

  private final Workload workload;
  private final BiConsumer<String, String> note;
  private final Map<String, Integer> idle = new HashMap<>();
  private final Set<String> told = new HashSet<>();

  /// @param note told what and why, once
  RunningWork(Workload workload, BiConsumer<String, String> note) {
    this.workload = workload;
    this.note = note;
  }

  /// Asks once.
  ///
  /// @return what is under way, in words; empty: nothing
  Optional<String> under(List<Endpoint> services) {
    var left = new ArrayList<String>();
    for (var service : services) {
      var closed = service.service().equals("rosco") || takesNoMore(service);
      var needed = closed ? 1 : IDLE_IN_A_ROW;
      switch (workload.underWay(service)) {
        case Outcome.Done<Integer>(var n) -> {
          var row = n == 0 ? idle.merge(service.service(), 1, Integer::sum) : 0;
          idle.put(service.service(), row);
          if (row < needed) {
            left.add(words(service, n));
          }
        }
        case Outcome.Failed<Integer>(var failure) when cannotSay(failure) ->
            tell(
                service.service() + " cannot say what is under way, and is not waited for",
                failure.message());
        case Outcome.Failed<Integer>(var failure) ->
            left.add(service.service() + ", which does not say: " + failure.message());
      }
    }
    return left.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", left));
  }

  /// @return whether it is known to take no more work
  private boolean takesNoMore(Endpoint orca) {
    var outcome = workload.takeWork(orca, false);
    outcome
        .whyFailed()
        .filter(RunningWork::cannotSay)
        .ifPresent(f ->
            tell(
                "orca cannot be told to take no more work: it is stopped when it is idle",
                f.message()));
    return outcome.whyFailed().isEmpty();
  }

  private static boolean cannotSay(Failure failure) {
    return failure.kind() == Failure.Kind.NOT_FOUND || failure.kind() == Failure.Kind.DENIED;
  }

  private void tell(String what, String why) {
    if (told.add(what)) {
      note.accept(what, why);
    }
  }

  private static String words(Endpoint service, int n) {
    return service.service().equals("rosco")
        ? "rosco, which bakes"
        : "%s: %d %s under way".formatted(service.service(), n, n == 1 ? "task" : "tasks");
  }
}
