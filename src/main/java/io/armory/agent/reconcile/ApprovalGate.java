package io.armory.agent.reconcile;

import io.armory.agent.domain.Approval.Given;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.reconcile.desired.RevisionDiff;
import io.armory.agent.reconcile.desired.Sources;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Lets a changed revision of the sources through when it may begin by itself, or was approved here
/// or on another node of the group. What starts a node, mends it or takes it back to what is good
/// is no change. On the loop's thread.
record ApprovalGate(ReconcilerState state) {
  /// Whether it may begin, as far as approval goes; one that may not waits.
  boolean lets(Sources.Reading reading, Revision revision, Instant now) {
    var approvals = state.inputs().approvals();
    if (state.inputs().hold().isPresent()) {
      // An operator wants this one: nothing of the sources waits meanwhile.
      approvals.nothingWaits();
      return true;
    }
    if (!isChange(revision)) {
      begins(revision, now);
      return true;
    }
    if (approvals.begins(revision.id(), now)) {
      // In a group it may yet have to wait for its turn, until the hours are over.
      approvals.nothingWaits();
      return true;
    }
    var elsewhere = state.group().turns().approved(revision, state.turnFacts());
    if (elsewhere.isPresent()) {
      approve(new Given(revision.id(), elsewhere.get().by(), now));
      return true;
    }
    waits(reading, revision, now);
    return false;
  }

  /// What a revision would wait for; empty: for nothing.
  Optional<String> wouldWait(Revision revision, Instant now) {
    var approvals = state.inputs().approvals();
    return isChange(revision)
            && !approvals.begins(revision.id(), now)
            && state.group().turns().approved(revision, state.turnFacts()).isEmpty()
        ? Optional.of(approvals.awaits(now))
        : Optional.empty();
  }

  private boolean isChange(Revision revision) {
    var good = state.rollout().good();
    return good.isPresent()
        && !good.get().id().equals(revision.id())
        && state.inputs().inForce().filter(r -> r.id().equals(revision.id())).isEmpty();
  }

  /// The sources' own begins.
  void begins(Revision revision, Instant now) {
    if (state.inputs().hold().isEmpty()
        && state.inputs().approvals().passes(new Given(revision.id(), "", now))) {
      keep();
    }
  }

  /// Somebody lets through what waits.
  void approve(Given given) {
    state.event(
        "revision", "", "revision %s is approved".formatted(given.revision()), "by " + given.by());
    state.effects().info("revision %s is approved by %s".formatted(given.revision(), given.by()));
    state.inputs().history().askedBy("approved by " + given.by());
    state.inputs().approvals().passes(given);
    keep();
  }

  private void waits(Sources.Reading reading, Revision revision, Instant now) {
    var approvals = state.inputs().approvals();
    var before = state.inputs().inForce().or(state.rollout()::good);
    var instead = before.map(Revision::id).orElse("");
    if (approvals.isNews(revision, instead)) {
      var changes =
          before
              .map(b -> RevisionDiff.between(b, revision, reading.parameters()))
              .orElse(List.of());
      if (approvals.waits(revision, instead, changes, now)) {
        var what = "revision %s waits %s".formatted(revision.id(), approvals.awaits(now));
        state.event("revision", "", what, String.join("; ", changes));
        state.effects().info(what);
      }
      keep();
    }
    approvals.toPull(now).ifPresent(r -> state.effects().add(new Effect.PullAhead(r)));
  }

  private void keep() {
    var kept = state.inputs().approvals().kept();
    state.documents().persist("approval", () -> state.memory().keepApprovals(kept));
  }
}
