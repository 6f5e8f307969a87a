package io.armory.agent.reconcile.operator;

import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.HealthReport;
import java.util.ArrayList;
import java.util.List;

/// The history as it is shown: what waits to begin comes last.
final class HistoryWithWaiting {
  private HistoryWithWaiting() {}

  static List<RevisionEntry> of(List<RevisionEntry> history, HealthReport report) {
    var all = new ArrayList<>(history);
    report
        .revision()
        .ifPresent(r ->
            r.awaits()
                .ifPresent(a ->
                    all.add(
                        new RevisionEntry(
                            a.revision(),
                            r.role(),
                            a.since(),
                            "sources",
                            a.changes(),
                            RevisionEntry.End.WAITING,
                            a.why(),
                            null))));
    return all;
  }
}
