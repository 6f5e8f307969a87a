/// What the core needs from the world outside. Adapters implement these; the core never sees an
/// adapter.
@NullMarked
package io.armory.agent.port;

import org.jspecify.annotations.NullMarked;
