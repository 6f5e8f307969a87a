@NullMarked
package io.armory.agent.legacy;

import org.jspecify.annotations.NullMarked;
