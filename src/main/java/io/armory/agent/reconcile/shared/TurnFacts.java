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
    Optional<Revision> awaits) {}
