/// Containers, networks and volumes as the engine is to make them. Any thread; each call ends by
/// its deadline.
@NullMarked
package io.armory.agent.adapter.docker.create;

import org.jspecify.annotations.NullMarked;
