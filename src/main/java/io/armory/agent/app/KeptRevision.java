package io.armory.agent.app;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Revision;
import io.armory.agent.port.StateStore;
import io.armory.agent.reconcile.RevisionArchive;
import io.armory.agent.render.RevisionCodec;
import java.util.Optional;
import java.util.function.Consumer;

/// The last known good revision in the state directory.
///
/// @param sealed a store that seals what it keeps: a revision holds secrets
/// @param recalled told of what was read
record KeptRevision(StateStore sealed, RevisionCodec codec, Consumer<Revision> recalled)
    implements RevisionArchive {
  private static final String NAME = "last-known-good";

  @Override
  public Outcome<String> keep(Revision revision) {
    return sealed.save(NAME, codec.encode(revision));
  }

  @Override
  public Outcome<Optional<Revision>> recall() {
    return sealed
        .load(NAME)
        .flatMap(kept ->
            kept.isEmpty()
                ? Outcome.done(Optional.<Revision>empty())
                : codec
                    .decode(kept.get())
                    .map(revision -> {
                      recalled.accept(revision);
                      return Optional.of(revision);
                    }));
  }
}
