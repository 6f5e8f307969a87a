/// The loop: it wakes, observes, plans, executes and publishes, for as long as the agent lives.
@NullMarked
package io.armory.agent.reconcile;

import org.jspecify.annotations.NullMarked;
