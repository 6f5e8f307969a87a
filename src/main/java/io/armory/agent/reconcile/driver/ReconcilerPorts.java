package io.armory.agent.reconcile.driver;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.EventLog;
import io.armory.agent.port.NodeFiles;
import io.armory.agent.port.Probe;
import io.armory.agent.port.StateStore;
import io.armory.agent.port.Telemetry;
import io.armory.agent.port.Threads;
import io.armory.agent.reconcile.CorePorts;
import io.armory.agent.reconcile.ReconcilerSettings;
import io.armory.agent.reconcile.desired.RevisionArchive;
import io.armory.agent.reconcile.desired.Sources;
import io.armory.agent.reconcile.shared.ClusterPorts;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// What the reconciler and its driver are wired to.
///
/// @param clock the node's
/// @param steady goes on evenly whatever the clock is set to; only differences of it mean anything
/// @param host disk, memory and clock of the node; may block
/// @param random spreads what is asked and tried again; used by several threads
/// @param heartbeat called at the end of every pass: the watchdog's food
/// @param shared what it shares with other nodes
public record ReconcilerPorts(
    ReconcilerSettings settings,
    ContainerEngine engine,
    Probe probe,
    Sources sources,
    NodeFiles files,
    StateStore state,
    RevisionArchive archive,
    EventLog events,
    InstantSource clock,
    InstantSource steady,
    Threads threads,
    RandomGenerator random,
    Supplier<HealthReport.Host> host,
    Telemetry telemetry,
    Runnable heartbeat,
    Optional<ClusterPorts> shared) {

  /// What the core works with by itself.
  CorePorts core() {
    return new CorePorts(settings, state, archive, files, telemetry, random);
  }
}
