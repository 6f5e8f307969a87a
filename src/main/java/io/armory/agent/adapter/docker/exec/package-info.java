/// Commands inside containers: the `post_start` and `pre_stop` hooks, and checks.
@NullMarked
package io.armory.agent.adapter.docker.exec;

import org.jspecify.annotations.NullMarked;
