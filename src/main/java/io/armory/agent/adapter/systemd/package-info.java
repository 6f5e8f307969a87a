/// Tells systemd how the agent is.
@NullMarked
package io.armory.agent.adapter.systemd;

import org.jspecify.annotations.NullMarked;
