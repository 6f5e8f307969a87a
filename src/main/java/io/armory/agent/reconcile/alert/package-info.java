/// What people are told without asking. [AlertWatch] compares each second what the newest report
/// says with what was told ([Conditions], [AlertLedger]), and an [AlertSender] for each target
/// sends what is new, again and again until it is taken. Nothing waits for any of them: not the
/// loop, whose report they read, nor the agent's end.
@NullMarked
package io.armory.agent.reconcile.alert;

import org.jspecify.annotations.NullMarked;
