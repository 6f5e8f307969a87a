package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.Approval.Given;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.stack.Revision;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What the loop knows of its rollout, as far as the group's turns depend on it.
///
/// @param good the last known good revision
/// @param proven the one in force is good
/// @param goodAt when the one in force, which is healthy, is good; empty: it is not healthy
/// @param rejected revision → why it is not tried again
/// @param draining nothing new is begun
/// @param approved what somebody has let through, here or elsewhere
/// @param awaits what waits here to be approved
public record TurnFacts(
    Optional<Revision> inForce,
    Optional<Revision> good,
    boolean proven,
    Optional<Instant> goodAt,
    Map<String, String> rejected,
    Optional<NodeIdentity> identity,
    boolean draining,
    Optional<Given> approved,
    Optional<Revision> awaits) {

  /// No turn is needed for what a node starts with, for going back to what is good, and where no
  /// Redis is shared.
  boolean needTurn(Revision revision) {
    return good.flatMap(Revision::redis).isPresent()
        && !good.get().id().equals(revision.id())
        && inForce.filter(r -> r.id().equals(revision.id())).isEmpty();
  }

  /// Something is published here, and something that counts is replaced.
  boolean replacePublished(Revision revision) {
    var before = inForce.map(r -> r.stack().services()).orElse(Map.of());
    var after = revision.stack().services();
    return before.values().stream().anyMatch(s -> !s.container().networking().ports().isEmpty())
        && before.values().stream()
            .anyMatch(s -> {
              var next = after.get(s.name());
              return next == null
                  || (!s.optional() && !next.definitionHash().equals(s.definitionHash()));
            });
  }
}
