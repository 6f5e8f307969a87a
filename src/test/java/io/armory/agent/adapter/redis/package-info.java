@NullMarked
package io.armory.agent.adapter.redis;

import org.jspecify.annotations.NullMarked;
