/// Identity and parameters as this node has them, wired from `agent.yaml`: for the agent and for
/// the commands that work without one.
@NullMarked
package io.armory.agent.sources;

import org.jspecify.annotations.NullMarked;
