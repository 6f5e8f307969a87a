package io.armory.agent.view;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Verdict;
import java.time.Duration;
import java.time.Instant;

/// A report is only worth its age: one is published every two seconds, so an old one means that the
/// loop which publishes it is stuck, and nothing in it can be relied on any more.
public final class Freshness {
  /// From the product's contract: no answer is older.
  public static final Duration LIMIT = Duration.ofSeconds(5);

  private Freshness() {}

  public static boolean isStuck(HealthReport report, Instant now) {
    return Duration.between(report.at(), now).compareTo(LIMIT) > 0;
  }

  /// The report itself, or when it is too old the same one neither live nor ready.
  public static HealthReport judged(HealthReport r, Instant now) {
    if (!isStuck(r, now)) {
      return r;
    }
    var stuck = new Verdict(false, "agent loop stuck since " + r.at(), r.at());
    return r.judgedAnew(stuck, stuck);
  }
}
