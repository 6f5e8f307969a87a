@NullMarked
package io.armory.agent.app;

import org.jspecify.annotations.NullMarked;
