package io.armory.agent.reconcile.alert;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateJson;
import io.armory.agent.port.StateStore;
import io.armory.agent.reconcile.alert.AlertLedger.Open;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which conditions each target knows of, kept over the agent's restarts: what was delivered is not
/// told again, what was not is. Safe for use by several threads.
final class AlertRecord {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.alert");
  private static final String NAME = "alerts";

  private final StateStore store;
  private final Map<String, Map<String, Open>> all = new LinkedHashMap<>();

  AlertRecord(StateStore store) {
    this.store = store;
    switch (StateJson.load(store, NAME)) {
      case Outcome.Done<Optional<JsonNode>>(var tree) -> tree.ifPresent(this::read);
      case Outcome.Failed<Optional<JsonNode>>(var failure) ->
          LOG.warn("what was told is not known: {}", failure.message());
    }
  }

  synchronized List<Open> of(String target) {
    return List.copyOf(all.getOrDefault(target, Map.of()).values());
  }

  /// @param over it was told that it is over
  synchronized void delivered(String target, Open open, boolean over) {
    var of = all.computeIfAbsent(target, _ -> new LinkedHashMap<>());
    if (over) {
      of.remove(open.key());
    } else {
      of.put(open.key(), open);
    }
    keep();
  }

  private void read(JsonNode tree) {
    tree.properties()
        .forEach(target -> target.getValue().forEach(node -> read(target.getKey(), node)));
  }

  /// One that a later release wrote may be of a condition that this one does not know.
  private void read(String target, JsonNode node) {
    for (var condition : Condition.values()) {
      if (condition.word().equals(node.path("condition").asText())) {
        try {
          var open =
              new Open(
                  condition,
                  node.path("subject").asText(),
                  node.path("what").asText(),
                  Instant.parse(node.path("since").asText()));
          all.computeIfAbsent(target, _ -> new LinkedHashMap<>()).put(open.key(), open);
        } catch (DateTimeException e) {
          LOG.debug("left out: {}", node, e);
        }
      }
    }
  }

  private void keep() {
    var tree = StateJson.object();
    all.forEach((target, opens) -> {
      var list = tree.putArray(target);
      opens
          .values()
          .forEach(o ->
              list.addObject()
                  .put("condition", o.condition().word())
                  .put("subject", o.subject())
                  .put("what", o.what())
                  .put("since", o.since().toString()));
    });
    StateJson.save(store, NAME, tree)
        .whyFailed()
        .ifPresent(f -> LOG.warn("what was told could not be kept: {}", f.message()));
  }
}
