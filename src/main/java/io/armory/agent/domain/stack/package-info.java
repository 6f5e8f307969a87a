/// What runs or is to run: stacks and their services, what was observed of them, actions and plans.
/// Immutable; imports the JDK alone.
@NullMarked
package io.armory.agent.domain.stack;

import org.jspecify.annotations.NullMarked;
