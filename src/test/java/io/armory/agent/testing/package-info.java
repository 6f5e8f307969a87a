@NullMarked
package io.armory.agent.testing;

import org.jspecify.annotations.NullMarked;
