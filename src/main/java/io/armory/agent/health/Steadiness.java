package io.armory.agent.health;

import io.armory.agent.domain.report.HealthReport.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Keeps a readiness from flapping: a fall counts once it has lasted, so that a service that is
/// back at once costs nobody a connection; and the rise of a node that fell soon after it had risen
/// is watched as long. What was decided counts at once.
///
/// @param shown what is told
/// @param differsSince since when the truth of the moment is another; `null`: it is not
/// @param wasShort it was ready only for a moment before it fell
public record Steadiness(Verdict shown, @Nullable Instant differsSince, boolean wasShort) {
  /// Shorter than a load balancer's shortest interval of 5 s: it never sees a stale verdict twice.
  static final Duration LASTS = Duration.ofSeconds(3);

  /// Ready for less than this is flapping.
  static final Duration MOMENT = Duration.ofSeconds(10);

  public Steadiness clockSet(Duration by) {
    var from = differsSince;
    return new Steadiness(shown.clockSet(by), from == null ? null : from.plus(by), wasShort);
  }

  /// @param momentary what is true now
  /// @param decided a change counts at once, whatever was before
  public Steadiness then(Verdict momentary, boolean decided, Instant now) {
    if (momentary.holds() == shown.holds()) {
      return new Steadiness(
          new Verdict(shown.holds(), momentary.reason(), shown.since()), null, wasShort);
    }
    // In the future: the clock was set back.
    var since = differsSince == null || differsSince.isAfter(now) ? now : differsSince;
    var atOnce = decided || (momentary.holds() && !wasShort);
    if (atOnce || !now.isBefore(since.plus(LASTS))) {
      var fellSoon = shown.holds() && since.isBefore(shown.since().plus(MOMENT));
      return new Steadiness(
          new Verdict(momentary.holds(), momentary.reason(), now), null, fellSoon);
    }
    var reason =
        momentary.holds()
            ? "recovered, and watched for a moment: " + momentary.reason()
            : "a moment ago: " + momentary.reason();
    return new Steadiness(new Verdict(shown.holds(), reason, shown.since()), since, wasShort);
  }
}
