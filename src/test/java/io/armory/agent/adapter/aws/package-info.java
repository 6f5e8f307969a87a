@NullMarked
package io.armory.agent.adapter.aws;

import org.jspecify.annotations.NullMarked;
