/// Several files made one project: include, extends, interpolation, merge, defaults, and what
/// contradicts itself. Pure.
@NullMarked
package io.armory.agent.compose.project;

import org.jspecify.annotations.NullMarked;
