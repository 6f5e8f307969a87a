/// `doctor`: what the running agent says is wrong, explained, and the checks of the node around it.
@NullMarked
package io.armory.agent.doctor;

import org.jspecify.annotations.NullMarked;
