/// What is being done: actions under way, those that wait for their backoff, and what the engine
/// refused.
///
/// State belongs to the reconciler's thread; each action runs on a virtual thread and comes back as
/// one message.
@NullMarked
package io.armory.agent.reconcile.execute;

import org.jspecify.annotations.NullMarked;
