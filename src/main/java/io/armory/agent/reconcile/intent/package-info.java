/// What operators and the drain want beside the revision, and what is kept of it over a restart.
///
/// On the reconciler's thread; [PersistedState] is the one place that knows what the state
/// directory holds.
@NullMarked
package io.armory.agent.reconcile.intent;

import org.jspecify.annotations.NullMarked;
