package io.armory.agent.reconcile.intent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.domain.Drain;
import io.armory.agent.port.StateJson;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A drain as it is kept. One that cannot be understood is none: a node in service that should
/// drain hears so again from its group, while one that drains for no reason stays out for ever.
final class DrainRecord {
  private DrainRecord() {}

  static ObjectNode write(Optional<Drain> drain) {
    var tree = StateJson.object();
    drain.ifPresent(d -> {
      tree.put("cause", d.cause().name().toLowerCase(Locale.ROOT))
          .put("why", d.why())
          .put("instance", d.instance())
          .put("since", d.since().toString())
          .put("waitUntil", d.waitUntil().toString())
          .put("step", d.step().name().toLowerCase(Locale.ROOT))
          .put("doing", d.doing())
          .put("forced", d.forced());
      d.deadline().ifPresent(at -> tree.put("stopBy", at.toString()));
    });
    return tree;
  }

  static Optional<Drain> read(JsonNode tree) {
    try {
      return tree.has("cause")
          ? Optional.of(
              new Drain(
                  Drain.Cause.valueOf(text(tree, "cause").toUpperCase(Locale.ROOT)),
                  text(tree, "why"),
                  text(tree, "instance"),
                  Instant.parse(text(tree, "since")),
                  Instant.parse(text(tree, "waitUntil")),
                  stopBy(tree),
                  Drain.Step.valueOf(text(tree, "step").toUpperCase(Locale.ROOT)),
                  text(tree, "doing"),
                  tree.path("forced").asBoolean()))
          : Optional.empty();
    } catch (IllegalArgumentException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static @Nullable Instant stopBy(JsonNode tree) {
    return tree.has("stopBy") ? Instant.parse(text(tree, "stopBy")) : null;
  }

  private static String text(JsonNode tree, String field) {
    return tree.path(field).asText();
  }
}
