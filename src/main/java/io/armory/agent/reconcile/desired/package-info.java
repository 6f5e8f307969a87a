/// What shall run here: the revision in force, the last known good one, and the rollout between
/// two.
///
/// Owned by the reconciler's thread, but for [Sources], which the driver reads on another. Readings
/// of the sources come in; out go the [io.armory.agent.domain.stack.Revision] in force, the files
/// that it needs and the problems that people see.
@NullMarked
package io.armory.agent.reconcile.desired;

import org.jspecify.annotations.NullMarked;
