/// From text to trees: YAML, environment files, scalars as the reference reads them. Every [Node]
/// knows the [Location] it was written at; [Diagnostics] collects what is wrong. Pure.
@NullMarked
package io.armory.agent.compose.source;

import org.jspecify.annotations.NullMarked;
