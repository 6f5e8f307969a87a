/// What is kept of a revision that failed: its containers' last lines, exit codes and health
/// answers.
///
/// Written on the reconciler's thread, read from any.
@NullMarked
package io.armory.agent.reconcile.evidence;

import org.jspecify.annotations.NullMarked;
