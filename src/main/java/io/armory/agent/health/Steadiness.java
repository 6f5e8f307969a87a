package io.armory.agent.health;

import io.armory.agent.domain.HealthReport.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Keeps a readiness from flapping: a fall counts once it has lasted, so that a service that is
/// back at once costs nobody a connection; after a fall, so does the rise. The first rise, and a
/// fall that was decided rather than met (a drain), count at once.
///
/// @param shown what is told
/// @param differsSince since when the truth of the moment is another; `null`: it is not
public record Steadiness(Verdict shown, @Nullable Instant differsSince) {
  /// Shorter than a load balancer's shortest interval of 5 s: it never sees a stale verdict twice.
  static final Duration LASTS = Duration.ofSeconds(3);

  /// @param momentary what is true now
  /// @param atOnce it counts at once, whatever was before
  public Steadiness then(Verdict momentary, boolean atOnce, Instant now) {
    if (momentary.holds() == shown.holds()) {
      return new Steadiness(new Verdict(shown.holds(), momentary.reason(), shown.since()), null);
    }
    var since = differsSince == null ? now : differsSince;
    if (atOnce || !now.isBefore(since.plus(LASTS))) {
      return new Steadiness(new Verdict(momentary.holds(), momentary.reason(), now), null);
    }
    var reason =
        momentary.holds()
            ? "recovered, and watched for a moment: " + momentary.reason()
            : "a moment ago: " + momentary.reason();
    return new Steadiness(new Verdict(shown.holds(), reason, shown.since()), since);
  }
}
