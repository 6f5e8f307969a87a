package io.armory.agent.reconcile;

import java.time.Duration;

/// @param project the Compose project the agent owns
/// @param rolloutTimeout for a revision to become healthy before it is rolled back
/// @param backoffFirst pause after the first attempt to mend a service; it doubles from there
/// @param backoffMost the longest such pause; there is no last attempt
/// @param lookEvery time between two observations when nothing happens
/// @param pollEvery time between two readings of identity and parameters
/// @param repairWindow in which repair must work, else the fault is the node's
public record LoopSettings(
    String agentVersion,
    String project,
    Duration rolloutTimeout,
    Duration backoffFirst,
    Duration backoffMost,
    Duration lookEvery,
    Duration pollEvery,
    Duration repairWindow) {}
