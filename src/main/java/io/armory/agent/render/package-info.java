/// Role + parameters + templates + the site's files → a [io.armory.agent.domain.stack.Revision].
/// Pure: [Renderer] is the way in, and its body is the table of contents.
@NullMarked
package io.armory.agent.render;

import org.jspecify.annotations.NullMarked;
