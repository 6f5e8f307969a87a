package io.armory.agent.health;

import io.armory.agent.domain.report.HealthReport.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Whether only another node can help: a fault that is this node's own and that its repair could
/// not mend in its window. Where the fault may as well be everybody's the answer is no, as the same
/// answer on every node would end a fleet that another node could not be better than:
///
/// - a service that is down, whatever it says, may lack a dependency or be a bad release: the node
///   is not ready, and that is all;
/// - an image that cannot be pulled, sources that cannot be read, a shared dependency out of reach:
///   the same for all;
/// - a refusal of the engine that is not understood, or is about the definition, the node's
///   resources or something outside: whatever else it is, another node may meet it too;
/// - an engine that cannot be read any more, or says that it is broken itself, while a service is
///   down for it: the node's own.
public final class NodeFault {
  private static final String NONE = "this node needs no replacement";

  private NodeFault() {}

  /// @param engine what is wrong with the engine and since when; empty: it works
  /// @param provenEngine it has worked for this agent: what is wrong is no wrong setting
  /// @param down the service that is down for it; empty: all that is to run serves, as far as known
  /// @param shared what is out of reach for all nodes alike, in words; empty: nothing is
  /// @param hold why nothing may be concluded now: maintenance, a drain; empty: nothing
  /// @param window in which repair must work
  public record Facts(
      Optional<Fault> engine,
      boolean provenEngine,
      Optional<String> down,
      Optional<String> shared,
      Optional<String> hold,
      Duration window) {}

  /// @param what in words
  /// @param service that it is about; empty: any
  public record Fault(String what, Instant since, Optional<String> service) {
    public Fault(String what, Instant since) {
      this(what, since, Optional.empty());
    }
  }

  /// @param before the verdict of the report before, whose `since` is kept while it holds
  public static Verdict of(Facts facts, Verdict before, Instant now) {
    if (facts.engine().isEmpty()) {
      return verdict(false, NONE, before, now);
    }
    var fault = facts.engine().get();
    var words =
        "%s, for %d s%s"
            .formatted(
                fault.what(),
                Duration.between(fault.since(), now).toSeconds(),
                facts.down().map(d -> ", and " + d + " is down").orElse(""));
    var obstacle =
        facts
            .hold()
            .or(() -> facts.shared().map(s -> "not this node's fault alone: " + s))
            .or(() ->
                facts.provenEngine()
                    ? Optional.empty()
                    : Optional.of("the engine has never worked here: a setting may be wrong"));
    if (obstacle.isPresent()) {
      return verdict(false, words + "; " + obstacle.get(), before, now);
    }
    if (now.isBefore(fault.since().plus(facts.window()))) {
      return verdict(
          false, words + "; repair has until " + fault.since().plus(facts.window()), before, now);
    }
    return facts.down().isEmpty()
        ? verdict(false, words + "; no service is known to be down for it", before, now)
        : verdict(true, words + ", and repair does not help", before, now);
  }

  private static Verdict verdict(boolean holds, String reason, Verdict before, Instant now) {
    return new Verdict(holds, reason, before.holds() == holds ? before.since() : now);
  }
}
