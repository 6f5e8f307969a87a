/// The operators' commands, from the control socket: each is carried out on the reconciler's
/// thread, and answered when what was asked for holds or its time is over.
@NullMarked
package io.armory.agent.reconcile.operator;

import org.jspecify.annotations.NullMarked;
