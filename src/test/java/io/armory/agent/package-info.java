@NullMarked
package io.armory.agent;

import org.jspecify.annotations.NullMarked;
