package io.armory.agent.reconcile.intent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.RevisionEntry.End;
import io.armory.agent.port.StateJson;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A revision of the history as JSON, and back. What a later release wrote and this one does not
/// know is left out.
final class HistoryRecord {
  private HistoryRecord() {}

  static void write(RevisionEntry e, ObjectNode tree) {
    tree.put("id", e.id())
        .put("role", e.role())
        .put("at", e.at().toString())
        .put("trigger", e.trigger())
        .put("end", e.end().name())
        .put("why", e.why());
    var ended = e.endedAt();
    if (ended != null) {
      tree.put("endedAt", ended.toString());
    }
    var changes = tree.putArray("changes");
    e.changes().forEach(changes::add);
  }

  static RevisionEntry read(JsonNode tree) {
    return new RevisionEntry(
        tree.path("id").asText(),
        tree.path("role").asText(),
        StateJson.instant(tree.path("at")),
        tree.path("trigger").asText(),
        StateJson.texts(tree.path("changes")),
        Arrays.stream(End.values())
            .filter(e -> e.name().equals(tree.path("end").asText()))
            .findFirst()
            .orElse(End.UNDER_WAY),
        tree.path("why").asText(),
        instant(tree.path("endedAt").asText()));
  }

  private static @Nullable Instant instant(String text) {
    try {
      return text.isEmpty() ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
