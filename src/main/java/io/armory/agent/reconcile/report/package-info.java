/// What the reconciler knows, put into the report that everybody else reads.
///
/// On the reconciler's thread: state comes in ([ReportInput]), immutable reports go out.
@NullMarked
package io.armory.agent.reconcile.report;

import org.jspecify.annotations.NullMarked;
