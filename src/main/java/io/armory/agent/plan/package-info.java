/// From what is desired and what was observed to the next safe steps. Pure.
@NullMarked
package io.armory.agent.plan;

import org.jspecify.annotations.NullMarked;
