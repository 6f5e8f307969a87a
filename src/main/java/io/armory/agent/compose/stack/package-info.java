/// The canonical model as an [io.armory.agent.domain.stack.Stack]. Pure.
@NullMarked
package io.armory.agent.compose.stack;

import org.jspecify.annotations.NullMarked;
