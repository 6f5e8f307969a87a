package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.TagReader.Tags;
import io.armory.agent.domain.AutoScalingGroupName;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.NodeIdentity.Look;
import io.armory.agent.domain.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which fact decides what: tag, then the Auto Scaling group's name, then the default. The role
/// parameter comes in between later, with [NodeIdentity#settledBy].
///
/// @param lookedAt what was asked before the rules, for people
record IdentityRules(
    Map<String, Fact> facts, Tags tags, Optional<Fact> configuredPrefix, List<Look> lookedAt) {

  static final String DEFAULT_PREFIX = "/armory/spinnaker";

  /// Stack and role become parts of parameter paths and file names.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  /// A path of SSM: at most 15 levels, of which the agent needs three.
  private static final Pattern PREFIX = Pattern.compile("(/[A-Za-z0-9_.-]+){1,12}");

  Outcome<NodeIdentity> decide() {
    var group = tag(TagReader.GROUP_TAG);
    var name = group.flatMap(g -> AutoScalingGroupName.parse(g.value()));
    var origin = NodeIdentity.GROUP_ORIGIN + group.map(Fact::value).orElse("");
    var stack =
        tag(NamingTags.STACK)
            .or(() -> name.flatMap(AutoScalingGroupName::stack).map(s -> new Fact(s, origin)))
            .orElse(new Fact("default", "default"));
    var role =
        tag(NamingTags.ROLE)
            .or(() -> name.flatMap(AutoScalingGroupName::role).map(r -> new Fact(r, origin)));
    var prefix =
        tag(NamingTags.PREFIX)
            .or(() -> configuredPrefix)
            .map(IdentityRules::trimmed)
            .orElse(new Fact(DEFAULT_PREFIX, "default"));
    return firstWrong(stack, role, prefix)
        .<Outcome<NodeIdentity>>map(Outcome::failed)
        .orElseGet(() ->
            Outcome.done(
                new NodeIdentity(
                    stack, role, prefix, allFacts(group), tags.values(), allLooks(group))));
  }

  private Optional<Failure> firstWrong(Fact stack, Optional<Fact> role, Fact prefix) {
    if (!NAME.matcher(stack.value()).matches()) {
      return wrong(stack, "is no stack's name; use letters, digits, dot, dash and underscore");
    }
    if (role.isPresent() && !NAME.matcher(role.get().value()).matches()) {
      return wrong(role.get(), "is no role's name; use letters, digits, dot, dash and underscore");
    }
    if (!PREFIX.matcher(prefix.value()).matches()) {
      return wrong(prefix, "is no path of parameters; write it as /armory/spinnaker");
    }
    return Optional.empty();
  }

  private static Optional<Failure> wrong(Fact fact, String what) {
    return Optional.of(
        new Failure(
            Failure.Kind.INVALID, fact.origin() + ": \"" + shown(fact.value()) + "\" " + what));
  }

  private static String shown(String value) {
    return value.replaceAll("\\p{Cntrl}", "?");
  }

  private static Fact trimmed(Fact prefix) {
    var path = prefix.value().strip();
    while (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    return new Fact(path.startsWith("/") ? path : "/" + path, prefix.origin());
  }

  private Optional<Fact> tag(String key) {
    return Optional.ofNullable(tags.values().get(key))
        .map(String::strip)
        .filter(v -> !v.isEmpty())
        .map(v -> new Fact(v, "tag " + key + " (" + tags.from() + ")"));
  }

  private Map<String, Fact> allFacts(Optional<Fact> group) {
    var all = new LinkedHashMap<>(facts);
    group.ifPresent(g -> all.put(NodeIdentity.AUTO_SCALING_GROUP, g));
    return all;
  }

  private List<Look> allLooks(Optional<Fact> group) {
    var lines = new ArrayList<>(lookedAt);
    for (var key : List.of(NamingTags.STACK, NamingTags.ROLE, NamingTags.PREFIX)) {
      lines.add(Look.at("tag " + key, tag(key).map(Fact::value)));
    }
    lines.add(Look.at("tag " + TagReader.GROUP_TAG, group.map(g -> read(g.value()))));
    return lines;
  }

  private static String read(String group) {
    return AutoScalingGroupName.parse(group)
        .map(n ->
            group
                + " (stack "
                + n.stack().orElse("none")
                + ", detail "
                + n.detail().orElse("none")
                + ")")
        .orElse(group + " (not named by the Frigga convention)");
  }
}
