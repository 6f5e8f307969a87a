/// One look at the project: what is listed, inspected and remembered since, with what could not be
/// read named by itself. One look at a time.
@NullMarked
package io.armory.agent.adapter.docker.observe;

import org.jspecify.annotations.NullMarked;
