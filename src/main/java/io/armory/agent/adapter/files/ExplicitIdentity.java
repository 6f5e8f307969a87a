package io.armory.agent.adapter.files;

import io.armory.agent.domain.AutoScalingGroupName;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.NodeIdentity.Look;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.IdentitySource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who the node is, as `identity:` of `agent.yaml` says it: no AWS is asked. What it leaves out is
/// derived from what it does say (tags, the group's name), as it would be from AWS.
///
/// @param role empty: the tag `armory:role`, then the group's detail, decide
/// @param prefix the parameter prefix; empty: the tag `armory:parameters`, then [#DEFAULT_PREFIX]
/// @param facts `instance-id`, `private-ip`, `auto-scaling-group`, …
/// @param tags read as the instance's tags would be
public record ExplicitIdentity(
    Optional<Fact> stack,
    Optional<Fact> role,
    Optional<Fact> prefix,
    Map<String, Fact> facts,
    Map<String, String> tags)
    implements IdentitySource {

  public static final String DEFAULT_PREFIX = "/armory/spinnaker";

  public ExplicitIdentity {
    facts = new LinkedHashMap<>(facts);
    tags = new LinkedHashMap<>(tags);
  }

  @Override
  public Outcome<NodeIdentity> identify() {
    var lookedAt =
        List.of(
            Look.at("identity.role of agent.yaml", role.map(Fact::value)),
            Look.at("tag armory:role", tag("armory:role").map(Fact::value)),
            Look.at("Auto Scaling group's name", group().map(Fact::value)));
    return Outcome.done(
        new NodeIdentity(
            stack
                .or(() -> tag("armory:stack"))
                .or(this::stackOfGroup)
                .orElse(new Fact("default", "default")),
            role.or(() -> tag("armory:role")).or(this::roleOfGroup),
            prefix.or(() -> tag("armory:parameters")).orElse(new Fact(DEFAULT_PREFIX, "default")),
            facts,
            tags,
            lookedAt));
  }

  private Optional<Fact> tag(String name) {
    return Optional.ofNullable(tags.get(name))
        .filter(v -> !v.isEmpty())
        .map(v -> new Fact(v, "tag " + name));
  }

  private Optional<Fact> group() {
    return Optional.ofNullable(facts.get(NodeIdentity.AUTO_SCALING_GROUP));
  }

  private Optional<Fact> stackOfGroup() {
    return group()
        .flatMap(g ->
            AutoScalingGroupName.parse(g.value())
                .flatMap(AutoScalingGroupName::stack)
                .map(s -> new Fact(s, "Auto Scaling group " + g.value())));
  }

  private Optional<Fact> roleOfGroup() {
    return group()
        .flatMap(g ->
            AutoScalingGroupName.parse(g.value())
                .flatMap(AutoScalingGroupName::role)
                .map(r -> new Fact(r, "Auto Scaling group " + g.value())));
  }
}
