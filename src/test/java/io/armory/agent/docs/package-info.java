/// What the pages in `docs/` promise, compared with the suite.
@NullMarked
package io.armory.agent.docs;

import org.jspecify.annotations.NullMarked;
