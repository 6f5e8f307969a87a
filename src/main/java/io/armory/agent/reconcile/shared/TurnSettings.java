package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.reconcile.turn.TurnTimes;
import java.time.Duration;

/// How the nodes of a group take turns.
///
/// @param loadBalancer so long a node is not ready before it replaces what it publishes
public record TurnSettings(TurnTimes times, MaxUnavailable limit, Duration loadBalancer) {}
