package io.armory.agent.reconcile.lifecycle;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Workload;
import io.armory.agent.port.Workload.Endpoint;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/// The work in hand of a node that is to stop: the messages that Orca handles, once it takes no
/// more, and Rosco's bakes. Who cannot say is given a while and is then not waited for; its grace
/// period is all there is beside.
public final class ActiveExecutions {
  /// An Orca that goes on taking work is idle now and then: so many times in a row it must be.
  private static final int IDLE_IN_A_ROW = 3;

  /// For one that takes no more, and cannot say what it has in hand: most messages take less.
  public static final Duration UNSAID = Duration.ofSeconds(30);

  private final Workload workload;
  private final InstantSource steady;
  private final BiConsumer<String, String> note;
  private final Map<String, Integer> idle = new HashMap<>();
  private final Map<String, Instant> unsaid = new HashMap<>();
  private final Set<String> told = new HashSet<>();

  /// @param note told what and why, once
  ActiveExecutions(Workload workload, InstantSource steady, BiConsumer<String, String> note) {
    this.workload = workload;
    this.steady = steady;
    this.note = note;
  }

  /// Asks once.
  ///
  /// @return what is in hand, in words; empty: nothing
  Optional<String> under(List<Endpoint> services) {
    var left = new ArrayList<String>();
    for (var service : services) {
      var closed = service.service().equals("rosco") || takesNoMore(service);
      switch (workload.underWay(service)) {
        case Outcome.Done<Integer>(var n) -> {
          var row = n == 0 ? idle.merge(service.service(), 1, Integer::sum) : 0;
          idle.put(service.service(), row);
          unsaid.remove(service.service());
          if (row < (closed ? 1 : IDLE_IN_A_ROW)) {
            left.add(words(service, n));
          }
        }
        case Outcome.Failed<Integer>(var failure) when cannotSay(failure) ->
            unsaid(service, failure, closed).ifPresent(left::add);
        case Outcome.Failed<Integer>(var failure) ->
            left.add(service.service() + ", which does not say: " + failure.message());
      }
    }
    return left.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", left));
  }

  /// Who is not waited for though nobody knows what it has in hand; empty: nobody.
  Optional<String> unknown() {
    return unsaid.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "what %s had in hand is not known".formatted(String.join(" and ", unsaid.keySet())));
  }

  /// @return what is waited for all the same, in words
  private Optional<String> unsaid(Endpoint service, Failure failure, boolean closed) {
    var name = service.service();
    var since = unsaid.computeIfAbsent(name, s -> steady.instant());
    if (closed && steady.instant().isBefore(since.plus(UNSAID))) {
      return Optional.of(
          "%s, which cannot say what it has in hand, %d s at most (%s)"
              .formatted(name, UNSAID.toSeconds(), failure.message()));
    }
    tell(name + " cannot say what it has in hand, and is not waited for", failure.message());
    return Optional.empty();
  }

  /// @return whether it is known to take no more work
  private boolean takesNoMore(Endpoint orca) {
    var outcome = workload.takeWork(orca, false);
    outcome
        .whyFailed()
        .filter(ActiveExecutions::cannotSay)
        .ifPresent(f ->
            tell(
                "orca cannot be told to take no more work: it is stopped when it is idle",
                f.message()));
    return outcome.whyFailed().isEmpty();
  }

  /// It is there, and will not say however often it is asked.
  static boolean cannotSay(Failure failure) {
    return failure.kind() == Failure.Kind.NOT_FOUND || failure.kind() == Failure.Kind.DENIED;
  }

  private void tell(String what, String why) {
    if (told.add(what)) {
      note.accept(what, why);
    }
  }

  /// Where a service that may have work in hand can be asked; on the loop's thread.
  static Optional<Endpoint> endpoint(ReconcilerDriver loop, String service) {
    var port =
        Optional.ofNullable(loop.core().stack().services().get(service))
            .flatMap(s -> s.probe())
            .map(p -> p.check().port())
            .orElse(service.equals("rosco") ? 8087 : 8083);
    return loop.core().address(service).map(a -> new Endpoint(service, a, port));
  }

  private static String words(Endpoint service, int n) {
    return service.service().equals("rosco")
        ? "rosco, which bakes"
        : "%s: %d %s in hand".formatted(service.service(), n, n == 1 ? "message" : "messages");
  }
}
