@NullMarked
package io.armory.agent.reconcile.alert;

import org.jspecify.annotations.NullMarked;
