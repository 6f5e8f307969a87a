/// The process: entry point and wiring by hand.
@NullMarked
package io.armory.agent.app;

import org.jspecify.annotations.NullMarked;
