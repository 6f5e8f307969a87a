package io.armory.agent.reconcile;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Revision;
import java.util.Optional;

/// Keeps the last known good revision, so that the node boots with AWS out of reach.
public interface RevisionArchive {

  Outcome<String> keep(Revision revision);

  Outcome<Optional<Revision>> recall();
}
