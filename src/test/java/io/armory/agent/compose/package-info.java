@NullMarked
package io.armory.agent.compose;

import org.jspecify.annotations.NullMarked;
