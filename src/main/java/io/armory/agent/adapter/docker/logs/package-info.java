/// Containers' logs, read once or followed; the reader sets the pace.
@NullMarked
package io.armory.agent.adapter.docker.logs;

import org.jspecify.annotations.NullMarked;
