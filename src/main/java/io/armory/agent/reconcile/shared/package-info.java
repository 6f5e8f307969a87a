/// What the reconciler knows of the group's other parts: the Redis they share, the poller they
/// elect, and their turns at changing.
///
/// State belongs to the reconciler's thread; [RedisProbe] asks on a thread of its own.
@NullMarked
package io.armory.agent.reconcile.shared;

import org.jspecify.annotations.NullMarked;
