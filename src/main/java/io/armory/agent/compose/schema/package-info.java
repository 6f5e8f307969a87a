/// The specification's shape: which keys there are, what their values may be. Pure.
@NullMarked
package io.armory.agent.compose.schema;

import org.jspecify.annotations.NullMarked;
