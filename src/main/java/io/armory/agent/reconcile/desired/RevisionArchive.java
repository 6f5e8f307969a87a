package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Revision;
import java.time.Instant;
import java.util.Optional;

/// Keeps the last known good revision, so that the node boots with AWS out of reach.
public interface RevisionArchive {

  Outcome<String> keep(Revision revision);

  Outcome<Optional<Revision>> recall();

  /// Keeps the revision that is begun, in the place of the one before: an agent that starts in the
  /// midst of it without its sources goes on with it.
  default Outcome<String> begin(Revision revision) {
    return Outcome.done("");
  }

  default Outcome<Optional<Revision>> begun() {
    return Outcome.done(Optional.empty());
  }

  /// Keeps a good revision to be gone back to by its ID.
  default Outcome<String> remember(Revision revision) {
    return Outcome.done("");
  }

  default Outcome<Optional<Revision>> recall(String id) {
    return Outcome.done(Optional.empty());
  }

  default Outcome<String> forget(String id) {
    return Outcome.done("");
  }

  /// Containers made before this instant are another machine's, whose disk or image this one was
  /// made of; empty: none are.
  default Optional<Instant> strangersBefore() {
    return Optional.empty();
  }
}
