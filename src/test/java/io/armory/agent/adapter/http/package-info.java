@NullMarked
package io.armory.agent.adapter.http;

import org.jspecify.annotations.NullMarked;
