package io.armory.agent.reconcile.evidence;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Evidence;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/// Evidence as it is kept: `{"failures": [{…}]}`.
public final class EvidenceRecord {
  private EvidenceRecord() {}

  public static JsonNode write(ObjectMapper json, List<Evidence> all) {
    var tree = json.createObjectNode();
    var list = tree.putArray("failures");
    for (var e : all) {
      var one =
          list.addObject()
              .put("at", e.at().toString())
              .put("service", e.service())
              .put("revision", e.revision())
              .put("why", e.why())
              .put("container", e.container())
              .put("name", e.name())
              .put("before", e.before())
              .put("image", e.image())
              .put("end", e.end())
              .put("health", e.health());
      var lines = one.putArray("lines");
      e.lines().forEach(lines::add);
    }
    return tree;
  }

  public static List<Evidence> read(JsonNode tree) {
    var all = new ArrayList<Evidence>();
    for (var one : tree.path("failures")) {
      var lines = new ArrayList<String>();
      one.path("lines").forEach(l -> lines.add(l.asText()));
      all.add(
          new Evidence(
              instant(text(one, "at")),
              text(one, "service"),
              text(one, "revision"),
              text(one, "why"),
              text(one, "container"),
              text(one, "name"),
              text(one, "before"),
              text(one, "image"),
              text(one, "end"),
              text(one, "health"),
              lines));
    }
    return all;
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText("");
  }
}
