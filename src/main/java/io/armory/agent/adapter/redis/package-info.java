/// The remote Redis: asked for its health, and the keeper of the poller's lease and of the turns.
@NullMarked
package io.armory.agent.adapter.redis;

import org.jspecify.annotations.NullMarked;
