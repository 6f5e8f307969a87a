/// The canonical model as the reference prints it, and the hashes over it. Pure.
@NullMarked
package io.armory.agent.compose.print;

import org.jspecify.annotations.NullMarked;
