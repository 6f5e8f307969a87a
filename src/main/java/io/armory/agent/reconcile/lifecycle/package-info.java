/// In and out of service: what EC2 announces, the Auto Scaling group, and the drain.
///
/// Runs on threads of its own ([LifecyclePoller] every 5 s) and reaches the reconciler by its
/// mailbox.
@NullMarked
package io.armory.agent.reconcile.lifecycle;

import org.jspecify.annotations.NullMarked;
