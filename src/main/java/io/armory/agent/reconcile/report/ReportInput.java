package io.armory.agent.reconcile.report;

import io.armory.agent.domain.Intents;
import io.armory.agent.domain.report.HealthReport.Host;
import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.domain.report.LifecycleReport;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.reconcile.desired.DesiredState;
import io.armory.agent.reconcile.desired.Rollout;
import io.armory.agent.reconcile.execute.ActionTracker;
import io.armory.agent.reconcile.observe.ObservedState;
import io.armory.agent.reconcile.shared.ClusterState;
import java.util.Optional;

/// What a report is made from; only valid on the loop's thread.
public record ReportInput(
    ObservedState eyes,
    ActionTracker hands,
    Rollout rollout,
    ServiceHistory history,
    DesiredState inputs,
    Intents intents,
    Plan plan,
    Stack stack,
    Host host,
    Optional<Maintenance> maintenance,
    LifecycleReport lifecycle,
    ClusterState group) {}
