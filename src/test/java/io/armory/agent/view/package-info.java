@NullMarked
package io.armory.agent.view;

import org.jspecify.annotations.NullMarked;
