package io.armory.agent.reconcile.intent;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.Evidence;
import io.armory.agent.port.StateJson;
import java.util.ArrayList;
import java.util.List;

/// Evidence as it is kept: `{"failures": [{…}]}`.
final class EvidenceRecord {
  private EvidenceRecord() {}

  static JsonNode write(List<Evidence> all) {
    var tree = StateJson.object();
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

  static List<Evidence> read(JsonNode tree) {
    var all = new ArrayList<Evidence>();
    for (var one : tree.path("failures")) {
      all.add(
          new Evidence(
              StateJson.instant(one.path("at")),
              text(one, "service"),
              text(one, "revision"),
              text(one, "why"),
              text(one, "container"),
              text(one, "name"),
              text(one, "before"),
              text(one, "image"),
              text(one, "end"),
              text(one, "health"),
              StateJson.texts(one.path("lines"))));
    }
    return all;
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asText("");
  }
}
