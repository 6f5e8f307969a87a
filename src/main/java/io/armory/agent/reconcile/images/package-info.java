/// Old images go when the engine's disk fills up: beside the reconciler, on a thread of its own,
/// from its published snapshots.
@NullMarked
package io.armory.agent.reconcile.images;

import org.jspecify.annotations.NullMarked;
