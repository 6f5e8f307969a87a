package io.armory.agent.reconcile.report;

import static java.time.temporal.ChronoUnit.SECONDS;

import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.HealthReport.Awaited;
import io.armory.agent.domain.report.HealthReport.RevisionReport;
import io.armory.agent.domain.report.HealthReport.RevisionReport.Failed;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.reconcile.desired.Rollout;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the report says of the revision in force. On the loop's thread.
final class RevisionStatus {
  private RevisionStatus() {}

  static RevisionReport of(ReportInput facts, Revision revision, Instant now) {
    var stale = facts.inputs().sources().staleSince();
    var entry = facts.inputs().history().last().filter(e -> e.id().equals(revision.id()));
    return new RevisionReport(
        revision.id(),
        revision.role(),
        facts.rollout().since(),
        state(facts, revision),
        stale.isPresent(),
        stale.orElse(null),
        facts.rollout().lastRejected().or(facts.group().turns()::heldBack),
        heldUp(facts),
        entry.map(RevisionEntry::trigger).orElse(""),
        entry.map(RevisionEntry::changes).orElse(List.of()),
        facts
            .inputs()
            .hold()
            .map(h ->
                "revision %s, by %s since %s; armory-agent sync, or rollback --release, follows the sources again"
                    .formatted(h.revision(), h.by(), h.at().truncatedTo(SECONDS))),
        awaits(facts, now),
        facts.inputs().wanted().orElse(""),
        failed(facts.rollout(), revision));
  }

  private static Optional<Awaited> awaits(ReportInput facts, Instant now) {
    var approvals = facts.inputs().approvals();
    return approvals
        .waiting()
        .map(w ->
            new Awaited(
                w.revision().id(),
                w.since(),
                approvals.awaits(now),
                approvals.opens(now).orElse(null),
                w.images(),
                w.changes()));
  }

  private static Optional<Failed> failed(Rollout rollout, Revision revision) {
    return rollout
        .refrained()
        .map(id -> new Failed(id, rollout.rejected().getOrDefault(id, "")))
        .or(() -> rollout.lastRejected().map(why -> new Failed(revision.id(), why)));
  }

  /// What is tried in vain. A start that fails is told as its service's own state.
  private static Optional<String> heldUp(ReportInput facts) {
    return facts.rollout().isProven()
        ? Optional.empty()
        : facts.hands().pulls().failed().stream()
            .findFirst()
            .or(() -> facts.plan().waits().stream().flatMap(w -> w.failure().stream()).findFirst());
  }

  private static String state(ReportInput facts, Revision revision) {
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
    if (rollout.isRollingBack()) {
      return "rolling back";
    }
    return rollout
        .goodAt()
        .map(at -> "healthy, kept as good from %s on".formatted(at.truncatedTo(SECONDS)))
        .orElse("rolling out");
  }
}
