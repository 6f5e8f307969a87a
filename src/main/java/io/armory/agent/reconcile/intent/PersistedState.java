package io.armory.agent.reconcile.intent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Approval.Given;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Hold;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.port.StateStore;
import io.armory.agent.reconcile.desired.Approvals;
import io.armory.agent.reconcile.desired.CachedNodeFacts;
import io.armory.agent.reconcile.evidence.EvidenceRecord;
import io.armory.agent.reconcile.observe.IntendedStops;
import io.armory.agent.reconcile.observe.SlowStarts;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the loop remembers across its own restarts: services an operator stopped, revisions that
/// failed, what is known of the node. Unknown fields are left alone, so that the release before can
/// read what this one wrote.
public final class PersistedState {
  private static final String STOPPED = "stopped-services";
  private static final String REJECTED = "rejected-revisions";
  private static final String MAINTENANCE = "maintenance";
  private static final String DRAIN = "drain";
  private static final String OVERRULED = "drain-overruled";
  private static final String FACTS = "known-facts";
  private static final String HOOKED = "post-starts";
  private static final String STOPS = "own-stops";
  private static final String EVIDENCE = "evidence";
  private static final String HOLD = "held-revision";
  private static final String APPROVAL = "approval";
  private static final String HISTORY = "revision-history";
  private static final String SLOW = "slow-starts";
  private static final int REJECTED_KEPT = 20;

  private final StateStore store;
  private final ObjectMapper json = new ObjectMapper();

  public PersistedState(StateStore store) {
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

  public Outcome<Map<String, String>> rejected() {
    return load(REJECTED)
        .map(tree -> {
          var all = new LinkedHashMap<String, String>();
          tree.properties().forEach(e -> all.put(e.getKey(), e.getValue().asText()));
          return all;
        });
  }

  public Outcome<String> keepRejected(Map<String, String> rejected) {
    var tree = json.createObjectNode();
    rejected.entrySet().stream()
        .skip(Math.max(0, rejected.size() - REJECTED_KEPT))
        .forEach(e -> tree.put(e.getKey(), e.getValue()));
    return save(REJECTED, tree);
  }

  public Outcome<Optional<Hold>> hold() {
    return load(HOLD)
        .map(tree ->
            tree.has("revision")
                ? Optional.of(
                    new Hold(
                        tree.path("revision").asText(),
                        tree.path("by").asText("an operator"),
                        instant(tree.path("at").asText())))
                : Optional.empty());
  }

  public Outcome<String> keepHold(Optional<Hold> hold) {
    var tree = json.createObjectNode();
    hold.ifPresent(
        h -> tree.put("revision", h.revision()).put("by", h.by()).put("at", h.at().toString()));
    return save(HOLD, tree);
  }

  public Outcome<Approvals.Kept> approvals() {
    return load(APPROVAL)
        .map(tree -> {
          var passed = tree.path("passed");
          var waits = tree.path("waits");
          return new Approvals.Kept(
              passed.isObject()
                  ? Optional.of(
                      new Given(
                          passed.path("revision").asText(),
                          passed.path("by").asText(),
                          instant(passed.path("at").asText())))
                  : Optional.empty(),
              waits.isObject() ? Optional.of(waits.path("revision").asText()) : Optional.empty(),
              instant(waits.path("since").asText()));
        });
  }

  public Outcome<String> keepApprovals(Approvals.Kept kept) {
    var tree = json.createObjectNode();
    kept.passed()
        .ifPresent(p ->
            tree.putObject("passed")
                .put("revision", p.revision())
                .put("by", p.by())
                .put("at", p.at().toString()));
    kept.waits()
        .ifPresent(
            w -> tree.putObject("waits").put("revision", w).put("since", kept.since().toString()));
    return save(APPROVAL, tree);
  }

  public Outcome<List<RevisionEntry>> history() {
    return load(HISTORY)
        .map(tree -> {
          var all = new ArrayList<RevisionEntry>();
          tree.path("revisions").forEach(e -> all.add(HistoryRecord.read(e)));
          return List.copyOf(all);
        });
  }

  public Outcome<String> keepHistory(List<RevisionEntry> all) {
    var tree = json.createObjectNode();
    var revisions = tree.putArray("revisions");
    all.forEach(e -> HistoryRecord.write(e, revisions.addObject()));
    return save(HISTORY, tree);
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
  public Outcome<Map<String, Instant>> postStarts() {
    return load(HOOKED)
        .map(tree -> {
          var all = new LinkedHashMap<String, Instant>();
          tree.properties().forEach(e -> all.put(e.getKey(), instant(e.getValue().asText())));
          return all;
        });
  }

  public Outcome<String> keepPostStarts(Map<String, Instant> done) {
    var tree = json.createObjectNode();
    done.forEach((id, start) -> tree.put(id, start.toString()));
    return save(HOOKED, tree);
  }

  /// Container ID → its life that the agent ends.
  public Outcome<Map<String, IntendedStops.Stop>> ownStops() {
    return load(STOPS)
        .map(tree -> {
          var all = new LinkedHashMap<String, IntendedStops.Stop>();
          tree.properties()
              .forEach(e ->
                  all.put(
                      e.getKey(),
                      new IntendedStops.Stop(
                          instant(e.getValue().path("life").asText()),
                          new Cause(
                              e.getValue().path("operator").asBoolean()
                                  ? Cause.Kind.OPERATOR
                                  : Cause.Kind.DIFFERENCE,
                              e.getValue().path("why").asText()),
                          Duration.ofMillis(e.getValue().path("graceMs").asLong()),
                          instant(e.getValue().path("until").asText()),
                          e.getValue().path("killed").asBoolean())));
          return all;
        });
  }

  public Outcome<String> keepOwnStops(Map<String, IntendedStops.Stop> stops) {
    var tree = json.createObjectNode();
    stops.forEach((id, stop) ->
        tree.putObject(id)
            .put("life", stop.life().toString())
            .put("why", stop.cause().text())
            .put("operator", stop.cause().kind() == Cause.Kind.OPERATOR)
            .put("graceMs", stop.grace().toMillis())
            .put("until", stop.until().toString())
            .put("killed", stop.killed()));
    return save(STOPS, tree);
  }

  /// Service → how often its definition was started in vain.
  public Outcome<Map<String, SlowStarts.Vain>> slowStarts() {
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

  public Outcome<String> keepSlowStarts(Map<String, SlowStarts.Vain> vain) {
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

  public Outcome<Optional<CachedNodeFacts>> facts() {
    return load(FACTS).map(CachedNodeFacts::read);
  }

  public Outcome<String> keepFacts(CachedNodeFacts facts) {
    return save(FACTS, facts.write(json));
  }

  public Outcome<List<Evidence>> evidence() {
    return load(EVIDENCE).map(EvidenceRecord::read);
  }

  public Outcome<String> keepEvidence(List<Evidence> all) {
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
          Failure.Kind.INVALID, "state " + name + " is not JSON: " + e.getMessage());
    }
  }

  private Outcome<String> save(String name, JsonNode tree) {
    try {
      return store.save(name, json.writeValueAsBytes(tree));
    } catch (JsonProcessingException e) {
      return Outcome.failed(Failure.Kind.INVALID, e.getOriginalMessage());
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
