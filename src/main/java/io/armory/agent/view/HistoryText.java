package io.armory.agent.view;

import io.armory.agent.domain.RevisionEntry;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// `armory-agent history`: the last revisions, the newest last.
public final class HistoryText {
  private static final int LONGEST = 400;

  private HistoryText() {}

  public static String text(List<RevisionEntry> history) {
    if (history.isEmpty()) {
      return "No revision yet.\n";
    }
    var lines = new ArrayList<String>();
    for (var e : history) {
      lines.add(
          Style.line(
              "%s  %s  %s  %s  %s"
                  .formatted(
                      e.at().truncatedTo(ChronoUnit.SECONDS),
                      e.id(),
                      e.role(),
                      e.trigger(),
                      end(e)),
              LONGEST));
      e.changes().forEach(c -> lines.add("    " + Style.line(c, LONGEST)));
    }
    return String.join("\n", lines) + "\n";
  }

  private static String end(RevisionEntry e) {
    var word =
        switch (e.end()) {
          case WAITING -> "waits " + e.why();
          case UNDER_WAY -> "under way";
          case GOOD -> "good";
          case ROLLED_BACK -> "rolled back";
          case FAILED -> "failed";
          case SUPERSEDED -> "superseded";
        };
    return e.why().isEmpty() || e.end() == RevisionEntry.End.WAITING ? word : word + ": " + e.why();
  }

  public static String json(List<RevisionEntry> history) {
    return Json.object(json ->
        json.objects(
            "revisions",
            history,
            (j, e) ->
                j.field("id", e.id())
                    .field("role", e.role())
                    .field("at", e.at())
                    .field("trigger", e.trigger())
                    .strings("changes", e.changes())
                    .field("end", ReportJson.word(e.end()))
                    .field("why", e.why())
                    .field("endedAt", e.endedAt())));
  }
}
