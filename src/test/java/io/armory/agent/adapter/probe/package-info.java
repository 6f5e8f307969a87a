@NullMarked
package io.armory.agent.adapter.probe;

import org.jspecify.annotations.NullMarked;
