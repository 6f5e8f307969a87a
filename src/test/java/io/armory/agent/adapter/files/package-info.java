@NullMarked
package io.armory.agent.adapter.files;

import org.jspecify.annotations.NullMarked;
