package io.armory.agent.reconcile;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Backoff;
import java.time.Duration;

/// @param project the Compose project the agent owns
/// @param rolloutTimeout without progress after which a revision is rolled back
/// @param rolloutBake how long a new revision has to be healthy before it is the one to go back to
/// @param approval what lets a changed revision of the sources begin
/// @param backoff after an attempt to mend a service; there is no last attempt
/// @param lookEvery time between two observations when nothing happens
/// @param pollEvery time between two readings of identity and parameters
/// @param repairWindow in which repair must work, else the fault is the node's
public record ReconcilerSettings(
    String agentVersion,
    String project,
    Duration rolloutTimeout,
    Duration rolloutBake,
    Approval approval,
    Backoff backoff,
    Duration lookEvery,
    Duration pollEvery,
    Duration repairWindow) {}
