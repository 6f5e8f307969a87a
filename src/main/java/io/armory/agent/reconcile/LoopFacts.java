package io.armory.agent.reconcile;

import io.armory.agent.domain.HealthReport.Host;
import io.armory.agent.domain.HealthReport.Maintenance;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.LifecycleReport;
import io.armory.agent.domain.Plan;
import io.armory.agent.domain.Stack;
import java.util.Optional;

/// What a report is made from; only valid on the loop's thread.
record LoopFacts(
    Eyes eyes,
    Hands hands,
    Rollout rollout,
    ServiceHistory history,
    Inputs inputs,
    Intents intents,
    Plan plan,
    Stack stack,
    Host host,
    Optional<Maintenance> maintenance,
    LifecycleReport lifecycle,
    Group group) {}
