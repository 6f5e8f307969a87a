package io.armory.agent.reconcile.lifecycle;

import java.time.Duration;
import java.time.InstantSource;

/// @param every time between two questions to EC2
/// @param drainWait for work in hand to end, when nobody sets an earlier end
/// @param drainsOnRebalance a rebalance recommendation begins a drain; else it is only told
/// @param reports the group may be asked for another instance at all
/// @param grace after the agent's start, in which the group is never asked for another instance
/// @param booted when the instance was booted last
public record LifecycleSettings(
    Duration every,
    Duration drainWait,
    boolean drainsOnRebalance,
    boolean reports,
    Duration grace,
    InstantSource booted) {}
