package io.armory.agent.reconcile.desired;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.NodeIdentity.Look;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Parameters.Plain;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.StateJson;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Who the node was and what its parameters were when the sources could last be read, for `status`
/// and `config` while they cannot. Only to be shown: it holds no secret, no file's content and no
/// tag, and nothing is rendered from it.
///
/// @param roleless they said that the node has no role that there is
/// @param readAt when the sources were read, up to [#TOUCH] ago
public record CachedNodeFacts(
    NodeIdentity identity, Parameters parameters, boolean roleless, Instant readAt) {
  /// How often the same facts are written again, for the sake of their age.
  static final Duration TOUCH = Duration.ofMinutes(10);

  /// Without what is not kept, so that it is equal to itself kept and recalled.
  static CachedNodeFacts of(
      NodeIdentity found, Parameters parameters, boolean roleless, Instant readAt) {
    var identity =
        new NodeIdentity(
            found.stack(),
            found.role(),
            found.parameterPrefix(),
            found.facts(),
            Map.of(),
            found.lookedAt());
    return new CachedNodeFacts(
        identity,
        new Parameters(
            shown(parameters.variables(), true),
            shown(parameters.files(), false),
            shown(parameters.settings(), true)),
        roleless,
        readAt);
  }

  /// As it may be shown: nothing of it was found out just now.
  NodeIdentity identityAsKept() {
    var facts = new LinkedHashMap<String, Fact>();
    identity.facts().forEach((name, fact) -> facts.put(name, asKept(fact)));
    return new NodeIdentity(
        asKept(identity.stack()),
        identity.role().map(this::asKept),
        asKept(identity.parameterPrefix()),
        facts,
        Map.of(),
        identity.lookedAt().stream().map(l -> new Look(l.line() + kept(), l.vain())).toList());
  }

  private Fact asKept(Fact fact) {
    return new Fact(fact.value(), fact.origin() + kept());
  }

  private String kept() {
    return readAt.equals(Instant.EPOCH)
        ? " (kept)"
        : " (kept, read at %s)".formatted(readAt.truncatedTo(ChronoUnit.SECONDS));
  }

  /// Whether there is no need to keep these where others are kept.
  boolean isKeptBy(CachedNodeFacts kept) {
    return identity.equals(kept.identity())
        && parameters.equals(kept.parameters())
        && roleless == kept.roleless()
        && readAt.isBefore(kept.readAt().plus(TOUCH));
  }

  private static Map<String, Parameter> shown(Map<String, Parameter> all, boolean values) {
    var shown = new LinkedHashMap<String, Parameter>();
    all.forEach((key, p) ->
        shown.put(
            key,
            new Parameter(
                p.name(),
                switch (p.value()) {
                  case Plain plain -> values ? plain : new Plain("");
                  case Hidden _ -> new Hidden(new Secret(""));
                },
                p.origin())));
    return shown;
  }

  public ObjectNode write() {
    var tree = StateJson.object();
    tree.put("readAt", readAt.toString());
    tree.put("roleless", roleless);
    fact(tree.putObject("stack"), identity.stack());
    identity.role().ifPresent(role -> fact(tree.putObject("role"), role));
    fact(tree.putObject("parameterPrefix"), identity.parameterPrefix());
    var facts = tree.putObject("facts");
    identity.facts().forEach((name, fact) -> fact(facts.putObject(name), fact));
    var lookedAt = tree.putArray("lookedAt");
    identity.lookedAt().forEach(look -> lookedAt.add(look.line()));
    var inVain = tree.putArray("inVain");
    identity.inVain().forEach(inVain::add);
    write(tree.putObject("variables"), parameters.variables());
    write(tree.putObject("files"), parameters.files());
    write(tree.putObject("settings"), parameters.settings());
    return tree;
  }

  private static void fact(ObjectNode tree, Fact fact) {
    tree.put("value", fact.value()).put("origin", fact.origin());
  }

  private static void write(ObjectNode tree, Map<String, Parameter> all) {
    all.forEach((key, p) -> {
      var one = tree.putObject(key).put("origin", p.origin());
      switch (p.value()) {
        case Plain(var text) -> one.put("value", text);
        case Hidden _ -> one.put("secret", true);
      }
    });
  }

  /// Empty: nothing was kept yet.
  public static Optional<CachedNodeFacts> read(JsonNode tree) {
    if (!tree.has("stack")) {
      return Optional.empty();
    }
    var inVain = Set.copyOf(StateJson.texts(tree.path("inVain")));
    var lookedAt =
        StateJson.texts(tree.path("lookedAt")).stream()
            .map(line -> new Look(line, inVain.contains(line)))
            .toList();
    var role = tree.has("role") ? Optional.of(fact(tree.path("role"))) : Optional.<Fact>empty();
    var identity =
        new NodeIdentity(
            fact(tree.path("stack")),
            role,
            fact(tree.path("parameterPrefix")),
            StateJson.map(tree.path("facts"), CachedNodeFacts::fact),
            Map.of(),
            lookedAt);
    var parameters =
        new Parameters(
            all(tree.path("variables")), all(tree.path("files")), all(tree.path("settings")));
    return Optional.of(
        new CachedNodeFacts(
            identity,
            parameters,
            tree.path("roleless").asBoolean(),
            StateJson.instant(tree.path("readAt"))));
  }

  private static Fact fact(JsonNode tree) {
    return new Fact(tree.path("value").asText(), tree.path("origin").asText());
  }

  private static Map<String, Parameter> all(JsonNode tree) {
    var all = new LinkedHashMap<String, Parameter>();
    tree.properties()
        .forEach(e -> {
          var value =
              e.getValue().path("secret").asBoolean()
                  ? new Hidden(new Secret(""))
                  : new Plain(e.getValue().path("value").asText());
          all.put(
              e.getKey(), new Parameter(e.getKey(), value, e.getValue().path("origin").asText()));
        });
    return all;
  }
}
