package io.armory.agent.reconcile;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.Revision;
import io.armory.agent.domain.SharedReport.RedisReport;
import java.time.Instant;
import java.util.HashMap;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts a revision in force, and what follows from how it fares. On the loop's thread.
final class Revisions {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");

  private final LoopState state;
  private final EvidenceReader evidence;

  Revisions(LoopState state, Consumer<Message> mailbox) {
    this.state = state;
    this.evidence = new EvidenceReader(state, mailbox);
  }

  /// Before it is restarted for that.
  void isUnwell(String containerId) {
    evidence.ask(containerId);
  }

  void read(Evidence read) {
    evidence.read(read);
  }

  void adopt(Revision revision) {
    revision.warnings().forEach(w -> LOG.warn("{}: {}", revision, w));
    state.event("revision", "", "rolling out " + revision, "the sources changed");
    var hands = state.hands();
    hands.forgetPulls();
    hands.trouble().forget();
    // What a failed definition has to wait for says nothing about the next one.
    hands.backoffs().forgetAll();
    state.history().retain(revision.stack().services().keySet());
    state.inputs().inForce(revision);
    state.eyes().aim(revision.stack());
    state.group().aim(revision, state.now());
    state.looker().want();
  }

  /// The revision to be elected for: a new one may name another Redis, by mistake.
  Optional<Revision> settled() {
    var rollout = state.rollout();
    return rollout.isProven() || !rollout.hasGood() ? state.inputs().inForce() : rollout.good();
  }

  /// @param converged nothing of it is left to be done
  void judge(HealthReport report, boolean converged, Instant now) {
    var eyes = state.eyes();
    var idle = eyes.isBlind() || state.inputs().isRoleless();
    if (idle || eyes.observed().filter(o -> !o.unknown().isEmpty()).isPresent()) {
      state.rollout().unseen(now);
    }
    if (eyes.observed().isEmpty()
        || idle
        || state.inputs().inForce().isEmpty()
        || state.course().isDraining()) {
      return;
    }
    var hands = state.hands();
    var rollout = state.rollout();
    var attempts = new HashMap<String, Integer>();
    var services = state.stack().services().keySet();
    services.forEach(s -> attempts.put(s, hands.backoffs().attempts(s)));
    var redis = state.group().report().redis().filter(RedisReport::isOut).map(RedisReport::reason);
    switch (rollout.judge(report.services(), converged, hands.pulls(), redis, attempts, now)) {
      case Rollout.Verdict.Undecided _ -> {}
      case Rollout.Verdict.Proven(var revision) -> {
        state.event("revision", "", revision + " is healthy", "rollout ended");
        LOG.info("{} is healthy", revision);
        state.inputs().keep(revision);
      }
      case Rollout.Verdict.Failed failed -> {
        // First of all: the way back removes what failed.
        evidence.collect(failed.revision(), failed.backTo(), report.services(), now);
        failed(failed);
      }
    }
  }

  private void failed(Rollout.Verdict.Failed failed) {
    var revision = failed.revision();
    var what =
        failed
            .backTo()
            .map(b -> revision + " failed, going back to " + b)
            .orElse(revision + " is not healthy, and there is none to go back to");
    LOG.error("{}: {}", what, failed.why());
    state.event("revision", "", what, failed.why());
    failed
        .backTo()
        .ifPresent(b -> {
          state.inputs().persist(() -> state.memory().keepRejected(state.rollout().rejected()));
          adopt(b);
        });
  }
}
