/// Reports, plans, events and parameters put into words and JSON for people and programs. Pure.
@NullMarked
package io.armory.agent.view;

import org.jspecify.annotations.NullMarked;
