@NullMarked
package io.armory.agent.cli;

import org.jspecify.annotations.NullMarked;
