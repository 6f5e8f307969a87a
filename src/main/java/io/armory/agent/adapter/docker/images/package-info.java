/// Images: pulled with a login, and those that may go from a full disk.
@NullMarked
package io.armory.agent.adapter.docker.images;

import org.jspecify.annotations.NullMarked;
