/// Which node of a group polls: [Election] is a pure state machine over a lease in the shared
/// Redis, which [PollerElection] runs on its own thread.
@NullMarked
package io.armory.agent.reconcile.election;

import org.jspecify.annotations.NullMarked;
