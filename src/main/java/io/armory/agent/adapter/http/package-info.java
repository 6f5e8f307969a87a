/// The health port and the control socket, served by Vert.x from published snapshots.
@NullMarked
package io.armory.agent.adapter.http;

import org.jspecify.annotations.NullMarked;
