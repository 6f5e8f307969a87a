/// Alerts to an HTTP receiver.
@NullMarked
package io.armory.agent.adapter.webhook;

import org.jspecify.annotations.NullMarked;
