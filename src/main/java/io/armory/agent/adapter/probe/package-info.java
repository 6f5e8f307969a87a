/// The agent's own questions to containers, from the node: HTTP, TCP, Redis.
@NullMarked
package io.armory.agent.adapter.probe;

import org.jspecify.annotations.NullMarked;
