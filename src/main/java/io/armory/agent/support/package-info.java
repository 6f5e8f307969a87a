/// The support bundle: what is collected for somebody who is to help, without a secret.
@NullMarked
package io.armory.agent.support;

import org.jspecify.annotations.NullMarked;
