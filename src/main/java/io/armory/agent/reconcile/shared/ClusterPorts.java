package io.armory.agent.reconcile.shared;

import io.armory.agent.port.PollerGate;
import io.armory.agent.port.SharedRedis;
import io.armory.agent.reconcile.election.LeaseTimes;
import java.util.Optional;

/// What a node that is one of several is wired to.
///
/// @param election empty: nobody is ever elected here
/// @param turns empty: each node changes when it likes
public record ClusterPorts(
    SharedRedis redis,
    PollerGate gate,
    Optional<LeaseTimes> election,
    Optional<TurnSettings> turns) {}
