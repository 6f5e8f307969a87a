/// What the reconciler knows of the group's other parts: the Redis they share and the poller they
/// elect.
///
/// State belongs to the reconciler's thread; [RedisProbe] asks on a thread of its own.
@NullMarked
package io.armory.agent.reconcile.shared;

import org.jspecify.annotations.NullMarked;
