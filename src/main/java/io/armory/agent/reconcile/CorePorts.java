package io.armory.agent.reconcile;

import io.armory.agent.port.NodeFiles;
import io.armory.agent.port.StateStore;
import io.armory.agent.port.Telemetry;
import io.armory.agent.reconcile.desired.RevisionArchive;
import java.util.random.RandomGenerator;

/// What the core works with by itself: what it wants of all else is an [Effect].
///
/// @param state read when the agent starts; written by effects alone, as `archive` and `files` are
/// @param random spreads what is tried again
public record CorePorts(
    ReconcilerSettings settings,
    StateStore state,
    RevisionArchive archive,
    NodeFiles files,
    Telemetry telemetry,
    RandomGenerator random) {}
