@NullMarked
package io.armory.agent.backup;

import org.jspecify.annotations.NullMarked;
