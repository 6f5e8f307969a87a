@NullMarked
package io.armory.agent.health;

import org.jspecify.annotations.NullMarked;
