package io.armory.agent.reconcile;

import java.time.Duration;

/// @param project the Compose project the agent owns
/// @param rolloutTimeout for a revision to become healthy before it is rolled back
/// @param lookEvery time between two observations when nothing happens
/// @param pollEvery time between two readings of identity and parameters
public record LoopSettings(
    String agentVersion,
    String project,
    Duration rolloutTimeout,
    Duration lookEvery,
    Duration pollEvery) {}
