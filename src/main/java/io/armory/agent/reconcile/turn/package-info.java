/// The nodes of a group take turns at changing: [Turn] is the pure state machine of one node,
/// [TurnRules] says who may begin, [TurnTaker] runs them on a thread of its own over
/// [io.armory.agent.port.TurnStore].
@NullMarked
package io.armory.agent.reconcile.turn;

import org.jspecify.annotations.NullMarked;
