package io.armory.agent.sources;

import io.armory.agent.adapter.files.ExplicitIdentity;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.NodeIdentity.Look;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.IdentitySource;
import java.util.ArrayList;
import java.util.LinkedHashMap;

/// The instance's identity as AWS gives it, with what `agent.yaml` says laid over it.
record OverriddenIdentity(ExplicitIdentity explicit, IdentitySource instance)
    implements IdentitySource {

  @Override
  public Outcome<NodeIdentity> identify() {
    return instance.identify().map(this::overlay);
  }

  private NodeIdentity overlay(NodeIdentity found) {
    var facts = new LinkedHashMap<String, Fact>(found.facts());
    facts.putAll(explicit.facts());
    var tags = new LinkedHashMap<String, String>(found.tags());
    tags.putAll(explicit.tags());
    var lookedAt = new ArrayList<Look>();
    explicit
        .role()
        .ifPresent(r -> lookedAt.add(Look.at("identity.role of agent.yaml: " + r.value())));
    lookedAt.addAll(found.lookedAt());
    var stack = explicit.stack().orElse(found.stack());
    // The tag comes before agent.yaml: the instance's identity has minded that.
    var prefix = found.parameterPrefix();
    lookedAt.add(
        Look.at("parameters %s/default and %1$s/%s".formatted(prefix.value(), stack.value())));
    return new NodeIdentity(stack, explicit.role().or(found::role), prefix, facts, tags, lookedAt);
  }
}
