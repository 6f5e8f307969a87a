/// From observations and probe answers to verdicts and the report. Pure.
@NullMarked
package io.armory.agent.health;

import org.jspecify.annotations.NullMarked;
