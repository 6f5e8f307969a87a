@NullMarked
package io.armory.agent.reconcile;

import org.jspecify.annotations.NullMarked;
