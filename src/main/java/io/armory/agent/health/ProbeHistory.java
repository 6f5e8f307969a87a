package io.armory.agent.health;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.ContainerHealth.Verdict;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.ProbeSpec;
import java.time.Duration;
import java.time.Instant;

/// What the answers of one container's current life add up to. A container that starts again starts
/// a new history: nothing older than its `StartedAt` counts.
///
/// @param startedAt of the life this is the history of
/// @param failures in a row that count
/// @param successes in a row
/// @param gracedFrom when it started by the clock as it is now
public record ProbeHistory(
    Instant startedAt, ContainerHealth health, int failures, int successes, Instant gracedFrom) {

  public static ProbeHistory begin(Instant startedAt) {
    return new ProbeHistory(
        startedAt,
        new ContainerHealth(Verdict.STARTING, "not asked yet", startedAt, false),
        0,
        0,
        startedAt);
  }

  public ProbeHistory after(ProbeResult result, ProbeSpec spec, Instant now) {
    var counted = notAhead(now);
    return result.healthy()
        ? counted.success(result, spec, now)
        : counted.failure(result, spec, now);
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
          case UNHEALTHY -> row >= spec.successThreshold();
        };
    var reason =
        healthy
            ? result.detail()
            : "%s, well %d of %d times".formatted(result.detail(), row, spec.successThreshold());
    return new ProbeHistory(
        startedAt,
        verdict(healthy ? Verdict.HEALTHY : health.verdict(), reason, true, now),
        0,
        row,
        gracedFrom);
  }

  private ProbeHistory failure(ProbeResult result, ProbeSpec spec, Instant now) {
    var graced =
        health.verdict() == Verdict.STARTING && now.isBefore(gracedFrom.plus(spec.startPeriod()));
    var row = graced ? 0 : failures + 1;
    var unhealthy = row >= spec.failureThreshold();
    var reason = row > 1 ? result.detail() + ", " + row + " times in a row" : result.detail();
    return new ProbeHistory(
        startedAt,
        verdict(unhealthy ? Verdict.UNHEALTHY : health.verdict(), reason, result.answered(), now),
        row,
        0,
        gracedFrom);
  }

  /// Nothing of what was heard counts any more: it said nothing about the container.
  public ProbeHistory anew(Instant now) {
    return new ProbeHistory(
        startedAt,
        new ContainerHealth(Verdict.STARTING, "asked anew: " + health.reason(), now, true),
        0,
        0,
        gracedFrom);
  }

  /// The clock was set: nothing of it is longer ago for that.
  public ProbeHistory clockSet(Duration by) {
    var moved =
        new ContainerHealth(
            health.verdict(), health.reason(), health.since().plus(by), health.answered());
    return new ProbeHistory(startedAt, moved, failures, successes, gracedFrom.plus(by));
  }

  private ContainerHealth verdict(Verdict verdict, String reason, boolean answered, Instant now) {
    var since = verdict == health.verdict() ? health.since() : now;
    return new ContainerHealth(verdict, reason, since, answered);
  }
}
