/// The Docker adapter, on real engines and on sockets that misbehave.
@NullMarked
package io.armory.agent.adapter.docker;

import org.jspecify.annotations.NullMarked;
