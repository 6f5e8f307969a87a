/// What the planner promises: golden files by rule, and properties over random stacks.
@NullMarked
package io.armory.agent.plan;

import org.jspecify.annotations.NullMarked;
