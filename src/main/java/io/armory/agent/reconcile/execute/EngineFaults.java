package io.armory.agent.reconcile.execute;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Subject;
import io.armory.agent.health.NodeFault.Fault;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What the engine does not get done because it is broken, by its own words, by what it was to be
/// done to, and since when. Every other refusal, and every one that is not understood, says nothing
/// about the engine. Owned by the loop's thread.
public final class EngineFaults {
  private final Map<String, Fault> bySubject = new HashMap<>();

  void acted(Message.Acted acted, Instant now) {
    var target = acted.step().action().target();
    var subject = target.toString();
    switch (acted.outcome()) {
      case Outcome.Done<String> _ -> bySubject.remove(subject);
      case Outcome.Failed<String>(var failure) when failure.blame() == Failure.Blame.ENGINE ->
          bySubject.merge(
              subject,
              new Fault(
                  "the engine does not do its work: " + failure.message(), now, service(target)),
              (old, fresh) -> new Fault(fresh.what(), old.since(), old.service()));
      case Outcome.Failed<String> _ -> bySubject.remove(subject);
    }
  }

  /// A network, a volume or an image may be any service's.
  private static Optional<String> service(Subject target) {
    return target.kind() == Subject.Kind.SERVICE ? Optional.of(target.name()) : Optional.empty();
  }

  public void clockSet(Duration by) {
    bySubject.replaceAll(
        (subject, fault) -> new Fault(fault.what(), fault.since().plus(by), fault.service()));
  }

  /// The oldest that is still so.
  public Optional<Fault> worst() {
    return bySubject.values().stream().min(Comparator.comparing(Fault::since));
  }

  public void forget() {
    bySubject.clear();
  }
}
