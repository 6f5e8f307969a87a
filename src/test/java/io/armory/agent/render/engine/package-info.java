/// What engines refuse, as a table.
@NullMarked
package io.armory.agent.render.engine;

import org.jspecify.annotations.NullMarked;
