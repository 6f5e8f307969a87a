/// What lies beside the code: documents, rules, images, scripts.
@NullMarked
package io.armory.agent.packaging;

import org.jspecify.annotations.NullMarked;
