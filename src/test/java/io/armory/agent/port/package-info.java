/// The engine port's contract, and the in-memory engine that keeps it.
@NullMarked
package io.armory.agent.port;

import org.jspecify.annotations.NullMarked;
