/// The Docker Engine API behind [io.armory.agent.port.ContainerEngine].
///
/// docker-java's transport carries HTTP over the Unix socket; requests and answers are written and
/// read here as JSON trees. Its typed commands are left out on purpose: they know fewer attributes
/// than the engine, fail on words of newer engines, and parse every answer three times.
@NullMarked
package io.armory.agent.adapter.docker;

import org.jspecify.annotations.NullMarked;
