/// Builders of domain values for tests.
@NullMarked
package io.armory.agent.domain;

import org.jspecify.annotations.NullMarked;
