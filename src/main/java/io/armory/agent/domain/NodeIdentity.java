package io.armory.agent.domain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who this node is, every fact with where it came from.
///
/// @param role empty: no source names one; nothing may be touched then
/// @param facts what else is known: `instance-id`, `region`, `availability-zone`, `private-ip`,
///   `auto-scaling-group`, …
/// @param tags the instance's tags, as far as they can be read
/// @param lookedAt every place asked, in order, found or in vain, in words for people
public record NodeIdentity(
    Fact stack,
    Optional<Fact> role,
    Fact parameterPrefix,
    Map<String, Fact> facts,
    Map<String, String> tags,
    List<String> lookedAt) {

  public static final String INSTANCE_ID = "instance-id";
  public static final String REGION = "region";
  public static final String AVAILABILITY_ZONE = "availability-zone";
  public static final String PRIVATE_IP = "private-ip";
  public static final String AUTO_SCALING_GROUP = "auto-scaling-group";

  public NodeIdentity {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    lookedAt = List.copyOf(lookedAt);
  }

  public Optional<String> fact(String name) {
    return Optional.ofNullable(facts.get(name)).map(Fact::value);
  }

  public NodeIdentity withRole(Fact role) {
    return new NodeIdentity(stack, Optional.of(role), parameterPrefix, facts, tags, lookedAt);
  }

  /// @param origin such as `tag armory:role` or `/etc/armory-agent/agent.yaml:3`
  public record Fact(String value, String origin) {}
}
