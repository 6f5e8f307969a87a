/// The engine's events, as hints to look again: one connection with a thread of its own that is
/// made anew whenever it ends.
@NullMarked
package io.armory.agent.adapter.docker.events;

import org.jspecify.annotations.NullMarked;
