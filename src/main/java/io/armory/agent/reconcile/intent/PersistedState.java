package io.armory.agent.reconcile.intent;

import static io.armory.agent.port.StateJson.instant;
import static io.armory.agent.port.StateJson.map;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.Approval.Given;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Hold;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.port.StateJson;
import io.armory.agent.port.StateStore;
import io.armory.agent.reconcile.desired.Approvals;
import io.armory.agent.reconcile.desired.CachedNodeFacts;
import io.armory.agent.reconcile.observe.IntendedStops;
import io.armory.agent.reconcile.observe.SlowStarts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/// What the loop remembers across its own restarts: services an operator stopped, revisions that
/// failed, what is known of the node. Unknown fields are left alone, so that the release before can
/// read what this one wrote.
public record PersistedState(StateStore store) {
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

  Outcome<Map<String, Stopped>> stopped() {
    return load(STOPPED).map(tree -> map(tree, s -> new Stopped(by(s), instant(s.path("at")))));
  }

  Outcome<String> keepStopped(Intents intents) {
    var tree = StateJson.object();
    intents
        .stopped()
        .forEach(
            (service, s) -> tree.putObject(service).put("by", s.by()).put("at", s.at().toString()));
    return save(STOPPED, tree);
  }

  public Outcome<Map<String, String>> rejected() {
    return load(REJECTED).map(tree -> map(tree, JsonNode::asText));
  }

  public Outcome<String> keepRejected(Map<String, String> rejected) {
    var tree = StateJson.object();
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
                    new Hold(tree.path("revision").asText(), by(tree), instant(tree.path("at"))))
                : Optional.empty());
  }

  public Outcome<String> keepHold(Optional<Hold> hold) {
    var tree = StateJson.object();
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
                          instant(passed.path("at"))))
                  : Optional.empty(),
              waits.isObject() ? Optional.of(waits.path("revision").asText()) : Optional.empty(),
              instant(waits.path("since")));
        });
  }

  public Outcome<String> keepApprovals(Approvals.Kept kept) {
    var tree = StateJson.object();
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
        .map(tree ->
            StreamSupport.stream(tree.path("revisions").spliterator(), false)
                .map(HistoryRecord::read)
                .toList());
  }

  public Outcome<String> keepHistory(List<RevisionEntry> all) {
    var tree = StateJson.object();
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
                        instant(tree.path("since")),
                        instant(tree.path("until")),
                        tree.path("reason").asText(),
                        tree.path("owner").asText(),
                        tree.path("standby").asBoolean()))
                : Optional.empty());
  }

  Outcome<String> keepMaintenance(Optional<Maintenance> maintenance) {
    var tree = StateJson.object();
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
    return load(HOOKED).map(tree -> map(tree, StateJson::instant));
  }

  public Outcome<String> keepPostStarts(Map<String, Instant> done) {
    var tree = StateJson.object();
    done.forEach((id, start) -> tree.put(id, start.toString()));
    return save(HOOKED, tree);
  }

  /// Container ID → its life that the agent ends.
  public Outcome<Map<String, IntendedStops.Stop>> ownStops() {
    return load(STOPS)
        .map(tree ->
            map(
                tree,
                s ->
                    new IntendedStops.Stop(
                        instant(s.path("life")),
                        new Cause(
                            s.path("operator").asBoolean()
                                ? Cause.Kind.OPERATOR
                                : Cause.Kind.DIFFERENCE,
                            s.path("why").asText()),
                        Duration.ofMillis(s.path("graceMs").asLong()),
                        instant(s.path("until")),
                        s.path("killed").asBoolean())));
  }

  public Outcome<String> keepOwnStops(Map<String, IntendedStops.Stop> stops) {
    var tree = StateJson.object();
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
        .map(tree ->
            map(
                tree,
                v ->
                    new SlowStarts.Vain(
                        v.path("definition").asText(),
                        Math.clamp(v.path("starts").asInt(), 0, 20))));
  }

  public Outcome<String> keepSlowStarts(Map<String, SlowStarts.Vain> vain) {
    var tree = StateJson.object();
    vain.forEach((service, v) ->
        tree.putObject(service).put("definition", v.definition()).put("starts", v.starts()));
    return save(SLOW, tree);
  }

  Outcome<Optional<Drain>> drain() {
    return load(DRAIN).map(DrainRecord::read);
  }

  Outcome<String> keepDrain(Optional<Drain> drain) {
    return save(DRAIN, DrainRecord.write(drain));
  }

  /// Why a drain was begun that an operator undid; empty: none was.
  Outcome<String> overruled() {
    return load(OVERRULED).map(tree -> tree.path("why").asText());
  }

  Outcome<String> keepOverruled(String why) {
    return save(OVERRULED, StateJson.object().put("why", why));
  }

  public Outcome<Optional<CachedNodeFacts>> facts() {
    return load(FACTS).map(CachedNodeFacts::read);
  }

  public Outcome<String> keepFacts(CachedNodeFacts facts) {
    return save(FACTS, facts.write());
  }

  public Outcome<List<Evidence>> evidence() {
    return load(EVIDENCE).map(EvidenceRecord::read);
  }

  public Outcome<String> keepEvidence(List<Evidence> all) {
    return save(EVIDENCE, EvidenceRecord.write(all));
  }

  private static String by(JsonNode node) {
    return node.path("by").asText("an operator");
  }

  private Outcome<JsonNode> load(String name) {
    return StateJson.load(store, name).map(tree -> tree.orElseGet(StateJson::object));
  }

  private Outcome<String> save(String name, JsonNode tree) {
    return StateJson.save(store, name, tree);
  }
}
