/// `logs` and `logs --follow`: beside the reconciler, on threads that exist while a client follows.
@NullMarked
package io.armory.agent.reconcile.logs;

import org.jspecify.annotations.NullMarked;
