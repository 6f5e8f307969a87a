@NullMarked
package io.armory.agent.disk;

import org.jspecify.annotations.NullMarked;
