/// The reconciler: it wakes, observes, plans, executes and publishes, for as long as the agent
/// lives.
///
/// [Reconciler] is the core and holds all state ([ReconcilerState]); it belongs to the thread of
/// the driver. Whatever happens elsewhere comes in as a [Message] with the moment it is handled in.
/// Out go [Effect]s: actions for the engine, questions to probes and sources, what is to be kept,
/// and the [io.armory.agent.domain.report.HealthReport]. The rooms below each hold one part of that
/// state; they know of this package the messages, effects, ports and settings alone.
@NullMarked
package io.armory.agent.reconcile;

import org.jspecify.annotations.NullMarked;
