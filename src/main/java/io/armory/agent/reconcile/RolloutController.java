package io.armory.agent.reconcile;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Hold;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.plan.PlanInput.Shared;
import io.armory.agent.plan.Topology;
import io.armory.agent.reconcile.desired.Falls;
import io.armory.agent.reconcile.desired.RevisionDiff;
import io.armory.agent.reconcile.desired.Rollout;
import io.armory.agent.reconcile.observe.EngineObserver.Want;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Puts a revision in force, and what follows from how it fares. On the loop's thread.
final class RolloutController {
  private final ReconcilerState state;
  private final EvidenceReader evidence;

  RolloutController(ReconcilerState state) {
    this.state = state;
    this.evidence = new EvidenceReader(state);
  }

  /// Before it is restarted for that.
  void isUnwell(String containerId) {
    evidence.ask(containerId);
  }

  void read(Evidence read) {
    evidence.read(read);
  }

  /// One that a reading of the sources brought.
  void adopt(Revision revision) {
    adopt(revision, state.inputs().history().trigger());
  }

  private void adopt(Revision revision, String trigger) {
    state.group().turns().goesOn(revision, state.turnFacts(), state.now());
    revision.warnings().forEach(w -> state.effects().warn("%s: %s".formatted(revision, w)));
    begins(revision, trigger);
    var hands = state.hands();
    hands.nowRuns(revision.stack());
    hands.trouble().forget();
    // What a failed definition has to wait for says nothing about the next one.
    hands.backoffs().forgetAll();
    state.history().retain(revision.stack().services().keySet());
    state.inputs().inForce(revision, state.rollout().good());
    state.eyes().aim(revision.stack());
    state.group().aim(revision, state.now());
    state.looker().want(Want.EVERYTHING);
  }

  private void begins(Revision revision, String trigger) {
    var inputs = state.inputs();
    var changes =
        inputs
            .inForce()
            .or(() -> state.rollout().good())
            .map(before -> RevisionDiff.between(before, revision, inputs.sources().parameters()))
            .orElse(List.of());
    begins(revision, trigger, changes);
  }

  private void begins(Revision revision, String trigger, List<String> changes) {
    var news = changes.isEmpty() ? "" : ": " + String.join("; ", changes);
    state.event("revision", "", "rolling out " + revision, trigger + news);
    var entry =
        new RevisionEntry(
            revision.id(),
            revision.role(),
            state.now(),
            trigger,
            changes,
            RevisionEntry.End.UNDER_WAY,
            "",
            null);
    if (state.inputs().history().begins(entry)) {
      state.inputs().begins(revision);
      keepHistory();
    }
  }

  private void ends(Revision revision, RevisionEntry.End end, String why) {
    if (state.inputs().history().ends(revision.id(), end, why, state.now())) {
      keepHistory();
    }
  }

  private void keepHistory() {
    var all = state.inputs().history().all();
    state.documents().persist("history", () -> state.memory().keepHistory(all));
    state.inputs().forget(state.inputs().history().dropped());
  }

  /// An operator's revision is held against the sources.
  void hold(Hold hold, Revision revision) {
    state.rollout().forgive(revision.id());
    state.inputs().hold(hold, revision);
    state.documents().persist("hold", () -> state.memory().keepHold(Optional.of(hold)));
  }

  void release() {
    state.inputs().release();
    state.documents().persist("hold", () -> state.memory().keepHold(Optional.empty()));
  }

  /// What the last look found under the names of images, before anything is planned for it.
  void imagesAre(Instant now) {
    if (state.course().isDraining()) {
      return;
    }
    state
        .eyes()
        .observed()
        .flatMap(o -> state.rollout().imagesAre(o.images(), now))
        .ifPresent(news -> {
          var what = "rolling out " + state.rollout().target().map(Object::toString).orElse("");
          state.effects().info(what + ": " + news);
          state.rollout().target().ifPresent(t -> begins(t, "an image's tag moved", List.of(news)));
          state.hands().backoffs().forgetAll();
        });
  }

  /// The revision to be elected for: a new one may name another Redis, by mistake.
  Optional<Revision> settled() {
    var rollout = state.rollout();
    return rollout.isProven() || rollout.good().isEmpty()
        ? state.inputs().inForce()
        : rollout.good();
  }

  /// @param converged nothing of it is left to be done
  void judge(HealthReport report, boolean converged, Instant now) {
    var eyes = state.eyes();
    var idle = eyes.isBlind() || state.inputs().sources().isRoleless();
    if (idle || eyes.observed().filter(o -> !o.unknown().isEmpty()).isPresent()) {
      state.rollout().unseen(now);
    }
    if (eyes.isAnyLoading(state.stack())) {
      state.rollout().loads(now);
    }
    if (eyes.observed().isEmpty()
        || idle
        || state.inputs().inForce().isEmpty()
        || state.course().isDraining()) {
      return;
    }
    var hands = state.hands();
    var rollout = state.rollout();
    var fallen = falls(report.services());
    var redis = state.group().report().redis().filter(RedisReport::isOut).map(RedisReport::reason);
    switch (rollout.judge(report.services(), converged, hands.pulls(), redis, fallen, now)) {
      case Rollout.Verdict.Undecided _ -> {}
      case Rollout.Verdict.Healthy(var revision, var goodAt) -> {
        var after = Duration.between(now, goodAt).toSeconds();
        var what = "%s is healthy; good after %d s of that".formatted(revision, after);
        state.event("revision", "", what, "all of it was replaced");
        state.effects().info(what);
      }
      case Rollout.Verdict.Proven(var revision) -> {
        state.event("revision", "", revision + " is healthy", "rollout ended");
        state.effects().info("%s is healthy".formatted(revision));
        ends(revision, RevisionEntry.End.GOOD, "");
        state.inputs().keep(revision);
      }
      case Rollout.Verdict.Failed failed -> {
        // First of all: the way back removes what failed.
        evidence.collect(failed.revision(), failed.backTo(), report.services(), now);
        failed(failed);
      }
    }
  }

  private Falls falls(List<ServiceReport> services) {
    var falls = state.hands().backoffs().falls();
    if (falls.isEmpty()) {
      return Falls.NONE;
    }
    var shared = state.group().shared().filter(_ -> state.rollout().keepsRedis());
    var topology = new Topology(state.stack());
    var ailing = new HashSet<String>();
    var times = new HashMap<String, Integer>();
    falls.forEach((service, fall) -> {
      times.put(service, fall.times());
      var at = fall.last();
      var needs = topology.dependencies(service);
      if (shared.filter(s -> s.users().contains(service) && ailed(s, at)).isPresent()
          || services.stream().anyMatch(s -> needs.contains(s.name()) && ailed(s, at))) {
        ailing.add(service);
      }
    });
    return new Falls(times, ailing);
  }

  /// It has not answered well since: what was said before says nothing about that moment.
  private static boolean ailed(Shared shared, Instant at) {
    return shared.trouble().isPresent()
        || shared.since().isAfter(at)
        || !shared.askedAt().isAfter(at);
  }

  private static boolean ailed(ServiceReport dependency, Instant at) {
    return switch (dependency.state()) {
      case UP, DEGRADED -> !dependency.since().isBefore(at);
      case STARTING, DOWN, UNKNOWN, STOPPED -> true;
      case STANDBY, COMPLETED -> false;
    };
  }

  private void failed(Rollout.Verdict.Failed failed) {
    var revision = failed.revision();
    var what =
        failed
            .backTo()
            .map(b -> revision + " failed, going back to " + b)
            .orElse(revision + " is not healthy, and there is none to go back to");
    state.effects().error("%s: %s".formatted(what, failed.why()));
    state.event("revision", "", what, failed.why());
    var end =
        failed.backTo().isPresent() ? RevisionEntry.End.ROLLED_BACK : RevisionEntry.End.FAILED;
    ends(revision, end, failed.why());
    if (failed.backTo().isPresent()
        && state.inputs().hold().filter(h -> h.revision().equals(revision.id())).isPresent()) {
      release();
    }
    failed
        .backTo()
        .ifPresent(b -> {
          state
              .documents()
              .persist("rejected", () -> state.memory().keepRejected(state.rollout().rejected()));
          adopt(b, "rollback");
        });
  }
}
