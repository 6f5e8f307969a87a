package io.armory.agent.reconcile;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Revision;
import java.time.Instant;
import java.util.Optional;

/// Keeps the last known good revision, so that the node boots with AWS out of reach.
public interface RevisionArchive {

  Outcome<String> keep(Revision revision);

  Outcome<Optional<Revision>> recall();

  /// Containers made before this instant are another machine's, whose disk or image this one was
  /// made of; empty: none are.
  default Optional<Instant> strangersBefore() {
    return Optional.empty();
  }
}
