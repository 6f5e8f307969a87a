/// Immutable values every room speaks in. Imports the JDK alone.
@NullMarked
package io.armory.agent.domain;

import org.jspecify.annotations.NullMarked;
