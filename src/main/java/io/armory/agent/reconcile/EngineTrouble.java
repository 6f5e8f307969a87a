package io.armory.agent.reconcile;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.health.NodeFault.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What the engine does not get done, by what it was to be done to, and since when. A refusal that
/// is about the definition, an image, a port or a permission says nothing about the engine. Owned
/// by the loop's thread.
final class EngineTrouble {
  private final Map<String, Fault> bySubject = new HashMap<>();

  void acted(Message.Acted acted, Instant now) {
    var subject = acted.step().action().subject();
    switch (acted.outcome()) {
      case Outcome.Done<String> _ -> bySubject.remove(subject);
      case Outcome.Failed<String>(var failure) when isEngines(failure) ->
          bySubject.merge(
              subject,
              new Fault("the engine does not do its work: " + failure.message(), now),
              (old, fresh) -> new Fault(fresh.what(), old.since()));
      case Outcome.Failed<String> _ -> bySubject.remove(subject);
    }
  }

  private static boolean isEngines(Failure failure) {
    return switch (failure.kind()) {
      case TIMEOUT, TRANSIENT, NO_ROOM, BROKEN -> true;
      case UNREACHABLE,
          NOT_FOUND,
          CONFLICT,
          PORT_TAKEN,
          IMAGE_UNAVAILABLE,
          DENIED,
          INVALID,
          UNHEALTHY ->
          false;
    };
  }

  void clockSet(Duration by) {
    bySubject.replaceAll((subject, fault) -> new Fault(fault.what(), fault.since().plus(by)));
  }

  /// The oldest that is still so.
  Optional<Fault> worst() {
    return bySubject.values().stream().min(Comparator.comparing(Fault::since));
  }

  void forget() {
    bySubject.clear();
  }
}
