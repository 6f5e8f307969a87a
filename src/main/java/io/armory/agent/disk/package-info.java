/// Files of people and of programs, read within bounds.
@NullMarked
package io.armory.agent.disk;

import org.jspecify.annotations.NullMarked;
