package io.armory.agent.reconcile;

import io.armory.agent.port.PollerGate;
import io.armory.agent.port.SharedRedis;
import java.util.Optional;

/// What a node that is one of several is wired to.
///
/// @param election empty: the role says who polls
public record SharedParts(SharedRedis redis, PollerGate gate, Optional<LeaseTimes> election) {}
