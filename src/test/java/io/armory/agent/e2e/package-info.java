/// The built product used as its users use it: the command, the port, real containers.
@NullMarked
package io.armory.agent.e2e;

import org.jspecify.annotations.NullMarked;
