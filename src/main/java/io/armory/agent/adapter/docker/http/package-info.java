/// HTTP to the engine: sessions and their version, deadlines, JSON trees, and errors put into
/// [io.armory.agent.domain.Failure]s. Any thread.
@NullMarked
package io.armory.agent.adapter.docker.http;

import org.jspecify.annotations.NullMarked;
