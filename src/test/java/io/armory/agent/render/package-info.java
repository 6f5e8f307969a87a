@NullMarked
package io.armory.agent.render;

import org.jspecify.annotations.NullMarked;
