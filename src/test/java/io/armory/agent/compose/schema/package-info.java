@NullMarked
package io.armory.agent.compose.schema;

import org.jspecify.annotations.NullMarked;
