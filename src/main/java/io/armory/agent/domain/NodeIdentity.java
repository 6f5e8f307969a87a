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
/// @param lookedAt every place asked, in order, found or in vain
public record NodeIdentity(
    Fact stack,
    Optional<Fact> role,
    Fact parameterPrefix,
    Map<String, Fact> facts,
    Map<String, String> tags,
    List<Look> lookedAt) {

  public static final String INSTANCE_ID = "instance-id";
  public static final String REGION = "region";
  public static final String AVAILABILITY_ZONE = "availability-zone";
  public static final String PRIVATE_IP = "private-ip";
  public static final String AUTO_SCALING_GROUP = "auto-scaling-group";

  /// How the origin of a fact begins that was read out of the Auto Scaling group's name.
  public static final String GROUP_ORIGIN = "Auto Scaling group ";

  public NodeIdentity {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    lookedAt = List.copyOf(lookedAt);
  }

  public Optional<String> fact(String name) {
    return Optional.ofNullable(facts.get(name)).map(Fact::value);
  }

  /// What was looked for and is not there, in words.
  public List<String> inVain() {
    return lookedAt.stream().filter(Look::vain).map(Look::line).toList();
  }

  public NodeIdentity withRole(Fact role) {
    return new NodeIdentity(stack, Optional.of(role), parameterPrefix, facts, tags, lookedAt);
  }

  /// This identity, its parameters unread: a role that may be theirs is the one known before.
  public NodeIdentity withRoleKept(NodeIdentity before) {
    return isRoleNamed() ? this : before.role.map(this::withRole).orElse(this);
  }

  private boolean isRoleNamed() {
    return role.filter(r -> !r.origin().startsWith(GROUP_ORIGIN)).isPresent();
  }

  /// The identity once the parameters are known: the parameter `role` gives way to a role that was
  /// named for this node, and wins over one only read out of the Auto Scaling group's name.
  public NodeIdentity settledBy(Parameters parameters) {
    var parameter = parameters.settings().get("role");
    if (isRoleNamed() || parameter == null) {
      return this;
    }
    return switch (parameter.value()) {
      case Parameters.Plain(var text) -> withRole(new Fact(text.strip(), parameter.origin()));
      case Parameters.Hidden(var secret) ->
          withRole(new Fact(secret.reveal().strip(), parameter.origin()));
    };
  }

  /// A place that was asked.
  ///
  /// @param line in words for people, with what it answered
  /// @param vain what was looked for is not there
  public record Look(String line, boolean vain) {
    public static Look at(String line) {
      return new Look(line, false);
    }

    /// @param found there; empty: nothing is
    public static Look at(String place, Optional<String> found) {
      return new Look(place + ": " + found.orElse("not set"), found.isEmpty());
    }

    @Override
    public String toString() {
      return line;
    }
  }

  /// @param origin such as `tag armory:role` or `/etc/armory-agent/agent.yaml:3`
  public record Fact(String value, String origin) {}
}
