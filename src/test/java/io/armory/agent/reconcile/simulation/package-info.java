/// Whole nodes in virtual time: the core, an engine in memory, and every fault at random.
@NullMarked
package io.armory.agent.reconcile.simulation;

import org.jspecify.annotations.NullMarked;
