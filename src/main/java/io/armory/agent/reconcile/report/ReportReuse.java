package io.armory.agent.reconcile.report;

import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import java.time.Duration;
import java.time.Instant;

/// When the loop need not think: the last report found everything in order and nothing to wait for,
/// and nobody has told anything since. Only time passes, and what time alone changes (a rollout, a
/// repair, a drain, a maintenance, an election) is no calm. The report of then is the truth of now.
public final class ReportReuse {
  /// Even so, the loop thinks this often.
  static final Duration MOST = Duration.ofSeconds(30);

  private ReportReuse() {}

  /// @param thoughtAt when the report was made from what is known
  public static boolean holds(HealthReport report, Instant thoughtAt, Instant now) {
    return now.isBefore(thoughtAt.plus(MOST))
        && !now.isBefore(thoughtAt)
        && report.phase() == HealthReport.Phase.STEADY
        && report.services().stream().allMatch(ServiceReport::isUp)
        && report.plan().isEmpty()
        && report.problems().isEmpty()
        && report.maintenance().isEmpty()
        && report.lifecycle().drain().isEmpty()
        && report.shared().poller().isEmpty()
        && report.shared().group().flatMap(GroupReport::waiting).isEmpty()
        && !report.replace().holds();
  }
}
