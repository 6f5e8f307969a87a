@NullMarked
package io.armory.agent.config;

import org.jspecify.annotations.NullMarked;
