package io.armory.agent.health;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.ContainerHealth.Verdict;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.stack.ProbeSpec;
import java.time.Duration;
import java.time.Instant;

/// What the answers of one container's current life add up to. A container that starts again starts
/// a new history: nothing older than its `StartedAt` counts.
///
/// @param startedAt of the life this is the history of
/// @param failures in a row that count, and that a restart may mend
/// @param ailments answers in a row that were not well, of whatever kind
/// @param successes in a row
/// @param gracedFrom when it started by the clock as it is now
/// @param opened somebody was let in at its port, whatever he heard
public record ProbeHistory(
    Instant startedAt,
    ContainerHealth health,
    int failures,
    int ailments,
    int successes,
    Instant gracedFrom,
    boolean opened) {

  /// @param startedAt as the engine says it
  /// @param began by the clock as it is now, where that was set since
  public static ProbeHistory begin(Instant startedAt, Instant began) {
    return new ProbeHistory(
        startedAt,
        new ContainerHealth(Verdict.STARTING, "not asked yet", began, false),
        0,
        0,
        0,
        began,
        false);
  }

  public ProbeHistory after(ProbeResult result, ProbeSpec spec, Instant now) {
    var counted = notAhead(now).opened(result.standing() != ProbeResult.Standing.CLOSED);
    return switch (result.standing()) {
      case WELL -> counted.success(result, spec, now);
      case STARTING -> counted.alive(Verdict.STARTING, result, spec, now);
      case AILING -> counted.alive(Verdict.AILING, result, spec, now);
      case FAILING, SILENT, CLOSED -> counted.failure(result, spec, now);
    };
  }

  private ProbeHistory opened(boolean now) {
    return now && !opened
        ? new ProbeHistory(startedAt, health, failures, ailments, successes, gracedFrom, true)
        : this;
  }

  /// The clock was set back since the start, before anybody counted: all that is known of the life
  /// is that it has begun.
  private ProbeHistory notAhead(Instant now) {
    return gracedFrom.isAfter(now) ? clockSet(Duration.between(gracedFrom, now)) : this;
  }

  private ProbeHistory success(ProbeResult result, ProbeSpec spec, Instant now) {
    var row = successes + 1;
    var healthy =
        switch (health.verdict()) {
          case STARTING, HEALTHY -> true;
          case AILING, UNHEALTHY -> row >= spec.successThreshold();
        };
    var reason =
        healthy
            ? result.detail()
            : "%s, well %d of %d times".formatted(result.detail(), row, spec.successThreshold());
    return new ProbeHistory(
        startedAt,
        verdict(healthy ? Verdict.HEALTHY : health.verdict(), reason, true, now),
        0,
        0,
        row,
        gracedFrom,
        opened);
  }

  private ProbeHistory failure(ProbeResult result, ProbeSpec spec, Instant now) {
    var graced = isGraced(spec, now);
    var row = graced ? 0 : failures + 1;
    var ailing = graced ? 0 : ailments + 1;
    var next = health.verdict();
    if (row >= spec.restartThreshold()) {
      next = Verdict.UNHEALTHY;
    } else if (ailing >= spec.failureThreshold() && next != Verdict.UNHEALTHY) {
      next = Verdict.AILING;
    }
    var times = row > 1 ? result.detail() + ", " + row + " times in a row" : result.detail();
    var reason =
        next == Verdict.AILING ? times + " (restarted at " + spec.restartThreshold() + ")" : times;
    var answered = result.standing() == ProbeResult.Standing.FAILING;
    return new ProbeHistory(
        startedAt, verdict(next, reason, answered, now), row, ailing, 0, gracedFrom, opened);
  }

  /// It answers: whatever it says, nothing counts towards a restart.
  private ProbeHistory alive(Verdict says, ProbeResult result, ProbeSpec spec, Instant now) {
    var ailing = isGraced(spec, now) ? 0 : ailments + 1;
    var counts = health.verdict() != Verdict.HEALTHY && health.verdict() != Verdict.STARTING;
    var next = counts || ailing >= spec.failureThreshold() ? says : health.verdict();
    return new ProbeHistory(
        startedAt, verdict(next, result.detail(), false, now), 0, ailing, 0, gracedFrom, opened);
  }

  private boolean isGraced(ProbeSpec spec, Instant now) {
    return health.verdict() == Verdict.STARTING
        && now.isBefore(gracedFrom.plus(spec.startPeriod()));
  }

  /// Nothing of what was heard counts any more: it said nothing about the container.
  public ProbeHistory anew(Instant now) {
    return new ProbeHistory(
        startedAt,
        new ContainerHealth(Verdict.STARTING, "asked anew: " + health.reason(), now, true),
        0,
        0,
        0,
        gracedFrom,
        opened);
  }

  /// The clock was set: nothing of it is longer ago for that.
  public ProbeHistory clockSet(Duration by) {
    var moved =
        new ContainerHealth(
            health.verdict(), health.reason(), health.since().plus(by), health.answered());
    return new ProbeHistory(
        startedAt, moved, failures, ailments, successes, gracedFrom.plus(by), opened);
  }

  private ContainerHealth verdict(Verdict verdict, String reason, boolean answered, Instant now) {
    var since = verdict == health.verdict() ? health.since() : now;
    return new ContainerHealth(verdict, reason, since, answered);
  }
}
