/// What runs here, and how it is: the newest look at the engine, the probes' answers, why
/// containers ended.
///
/// State belongs to the reconciler's thread; looks and probes have threads of their own and come
/// back as messages. What cannot be read is unknown, and never empty.
@NullMarked
package io.armory.agent.reconcile.observe;

import org.jspecify.annotations.NullMarked;
