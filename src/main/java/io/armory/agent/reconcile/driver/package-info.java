/// The reconciler's engine room: the threads that the core has none of.
///
/// [ReconcilerDriver] owns the thread `reconcile`, takes [io.armory.agent.reconcile.Message]s from
/// the [Mailbox], hands them with the time to [io.armory.agent.reconcile.Reconciler] and has the
/// [io.armory.agent.reconcile.Effect]s that come out begun by [EffectRunner]: actions and looks on
/// virtual threads, probes by [ProbeScheduler], the sources by [SourcePoller], the disk by
/// [StateWriter]. What came of each comes back as a message. All of them run and wait by way of
/// [io.armory.agent.port.Threads], which [SystemThreads] are.
@NullMarked
package io.armory.agent.reconcile.driver;

import org.jspecify.annotations.NullMarked;
