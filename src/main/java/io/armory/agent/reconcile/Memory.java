package io.armory.agent.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.HealthReport.Maintenance;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the loop remembers across its own restarts: services an operator stopped, revisions that
/// failed, what is known of the node. Unknown fields are left alone, so that the release before can
/// read what this one wrote.
final class Memory {
  private static final String STOPPED = "stopped-services";
  private static final String REJECTED = "rejected-revisions";
  private static final String MAINTENANCE = "maintenance";
  private static final String DRAIN = "drain";
  private static final String OVERRULED = "drain-overruled";
  private static final String FACTS = "known-facts";
  private static final String HOOKED = "post-starts";
  private static final String STOPS = "own-stops";
  private static final String EVIDENCE = "evidence";
  private static final String SLOW = "slow-starts";
  private static final int REJECTED_KEPT = 20;

  private final StateStore store;
  private final ObjectMapper json = new ObjectMapper();

  Memory(StateStore store) {
    this.store = store;
  }

  Outcome<Map<String, Stopped>> stopped() {
    return load(STOPPED)
        .map(tree -> {
          var all = new LinkedHashMap<String, Stopped>();
          tree.properties()
              .forEach(e ->
                  all.put(
                      e.getKey(),
                      new Stopped(
                          e.getValue().path("by").asText("an operator"),
                          instant(e.getValue().path("at").asText()))));
          return all;
        });
  }

  Outcome<String> keepStopped(Intents intents) {
    var tree = json.createObjectNode();
    intents
        .stopped()
        .forEach(
            (service, s) -> tree.putObject(service).put("by", s.by()).put("at", s.at().toString()));
    return save(STOPPED, tree);
  }

  Outcome<Map<String, String>> rejected() {
    return load(REJECTED)
        .map(tree -> {
          var all = new LinkedHashMap<String, String>();
          tree.properties().forEach(e -> all.put(e.getKey(), e.getValue().asText()));
          return all;
        });
  }

  Outcome<String> keepRejected(Map<String, String> rejected) {
    var tree = json.createObjectNode();
    rejected.entrySet().stream()
        .skip(Math.max(0, rejected.size() - REJECTED_KEPT))
        .forEach(e -> tree.put(e.getKey(), e.getValue()));
    return save(REJECTED, tree);
  }

  Outcome<Optional<Maintenance>> maintenance() {
    return load(MAINTENANCE)
        .map(tree ->
            tree.has("until")
                ? Optional.of(
                    new Maintenance(
                        instant(tree.path("since").asText()),
                        instant(tree.path("until").asText()),
                        tree.path("reason").asText(),
                        tree.path("owner").asText(),
                        tree.path("standby").asBoolean()))
                : Optional.empty());
  }

  Outcome<String> keepMaintenance(Optional<Maintenance> maintenance) {
    var tree = json.createObjectNode();
    maintenance.ifPresent(m ->
        tree.put("since", m.since().toString())
            .put("until", m.until().toString())
            .put("reason", m.reason())
            .put("owner", m.owner())
            .put("standby", m.standby()));
    return save(MAINTENANCE, tree);
  }

  /// Container ID → which of its starts the `post_start` commands are done for.
  Outcome<Map<String, Instant>> postStarts() {
    return load(HOOKED)
        .map(tree -> {
          var all = new LinkedHashMap<String, Instant>();
          tree.properties().forEach(e -> all.put(e.getKey(), instant(e.getValue().asText())));
          return all;
        });
  }

  Outcome<String> keepPostStarts(Map<String, Instant> done) {
    var tree = json.createObjectNode();
    done.forEach((id, start) -> tree.put(id, start.toString()));
    return save(HOOKED, tree);
  }

  /// Container ID → its life that the agent ends.
  Outcome<Map<String, OwnStops.Stop>> ownStops() {
    return load(STOPS)
        .map(tree -> {
          var all = new LinkedHashMap<String, OwnStops.Stop>();
          tree.properties()
              .forEach(e ->
                  all.put(
                      e.getKey(),
                      new OwnStops.Stop(
                          instant(e.getValue().path("life").asText()),
                          e.getValue().path("why").asText(),
                          Duration.ofMillis(e.getValue().path("graceMs").asLong()),
                          instant(e.getValue().path("until").asText()),
                          e.getValue().path("killed").asBoolean())));
          return all;
        });
  }

  Outcome<String> keepOwnStops(Map<String, OwnStops.Stop> stops) {
    var tree = json.createObjectNode();
    stops.forEach((id, stop) ->
        tree.putObject(id)
            .put("life", stop.life().toString())
            .put("why", stop.why())
            .put("graceMs", stop.grace().toMillis())
            .put("until", stop.until().toString())
            .put("killed", stop.killed()));
    return save(STOPS, tree);
  }

  /// Service → how often its definition was started in vain.
  Outcome<Map<String, SlowStarts.Vain>> slowStarts() {
    return load(SLOW)
        .map(tree -> {
          var all = new LinkedHashMap<String, SlowStarts.Vain>();
          tree.properties()
              .forEach(e ->
                  all.put(
                      e.getKey(),
                      new SlowStarts.Vain(
                          e.getValue().path("definition").asText(),
                          Math.clamp(e.getValue().path("starts").asInt(), 0, 20))));
          return all;
        });
  }

  Outcome<String> keepSlowStarts(Map<String, SlowStarts.Vain> vain) {
    var tree = json.createObjectNode();
    vain.forEach((service, v) ->
        tree.putObject(service).put("definition", v.definition()).put("starts", v.starts()));
    return save(SLOW, tree);
  }

  Outcome<Optional<Drain>> drain() {
    return load(DRAIN).map(DrainRecord::read);
  }

  Outcome<String> keepDrain(Optional<Drain> drain) {
    return save(DRAIN, DrainRecord.write(json, drain));
  }

  /// Why a drain was begun that an operator undid; empty: none was.
  Outcome<String> overruled() {
    return load(OVERRULED).map(tree -> tree.path("why").asText());
  }

  Outcome<String> keepOverruled(String why) {
    return save(OVERRULED, json.createObjectNode().put("why", why));
  }

  Outcome<Optional<KnownFacts>> facts() {
    return load(FACTS).map(KnownFacts::read);
  }

  Outcome<String> keepFacts(KnownFacts facts) {
    return save(FACTS, facts.write(json));
  }

  Outcome<List<Evidence>> evidence() {
    return load(EVIDENCE).map(EvidenceRecord::read);
  }

  Outcome<String> keepEvidence(List<Evidence> all) {
    return save(EVIDENCE, EvidenceRecord.write(json, all));
  }

  private Outcome<JsonNode> load(String name) {
    return store.load(name).flatMap(bytes -> parse(name, bytes));
  }

  private Outcome<JsonNode> parse(String name, Optional<byte[]> bytes) {
    try {
      return Outcome.done(bytes.isPresent() ? json.readTree(bytes.get()) : json.createObjectNode());
    } catch (IOException e) {
      return Outcome.failed(
          new Failure(Failure.Kind.INVALID, "state " + name + " is not JSON: " + e.getMessage()));
    }
  }

  private Outcome<String> save(String name, JsonNode tree) {
    try {
      return store.save(name, json.writeValueAsBytes(tree));
    } catch (JsonProcessingException e) {
      return Outcome.failed(new Failure(Failure.Kind.INVALID, e.getOriginalMessage()));
    }
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }
}
