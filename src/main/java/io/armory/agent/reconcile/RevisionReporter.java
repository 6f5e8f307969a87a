package io.armory.agent.reconcile;

import io.armory.agent.domain.HealthReport.RevisionReport;
import io.armory.agent.domain.Revision;
import java.util.Optional;

/// What the report says of the revision in force. On the loop's thread.
final class RevisionReporter {
  private RevisionReporter() {}

  static RevisionReport of(LoopFacts facts, Revision revision) {
    var stale = facts.inputs().staleSince();
    return new RevisionReport(
        revision.id(),
        revision.role(),
        facts.rollout().since(),
        state(facts, revision),
        stale.isPresent(),
        stale.orElse(null),
        facts.rollout().lastRejected(),
        heldUp(facts));
  }

  /// What is tried in vain. A start that fails is told as its service's own state.
  private static Optional<String> heldUp(LoopFacts facts) {
    return facts.rollout().isProven()
        ? Optional.empty()
        : facts.hands().pulls().failed().stream()
            .findFirst()
            .or(() -> facts.plan().waits().stream().flatMap(w -> w.failure().stream()).findFirst());
  }

  private static String state(LoopFacts facts, Revision revision) {
    var rollout = facts.rollout();
    var draining = facts.lifecycle().drain().isPresent();
    var good = rollout.good().map(Revision::id);
    // A drain rolls nothing out: an agent started since then has proven nothing and will not.
    if (rollout.isProven() || (draining && good.filter(revision.id()::equals).isPresent())) {
      return rollout.lastRejected().isEmpty() ? "current" : "current, after a rollback";
    }
    if (draining) {
      return "held back by the drain" + good.map(id -> " (last known good: " + id + ")").orElse("");
    }
    return rollout.isRollingBack() ? "rolling back" : "rolling out";
  }
}
