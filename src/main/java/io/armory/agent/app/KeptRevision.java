package io.armory.agent.app;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Revision;
import io.armory.agent.port.StateStore;
import io.armory.agent.reconcile.RevisionArchive;
import io.armory.agent.render.RevisionCodec;
import java.util.Optional;
import java.util.function.Function;

/// The last known good revision in the state directory, sealed: it holds secrets.
///
/// @param seal and `open`: authenticated encryption with the node's own key
record KeptRevision(
    StateStore state,
    RevisionCodec codec,
    Function<byte[], Outcome<byte[]>> seal,
    Function<byte[], Outcome<byte[]>> open)
    implements RevisionArchive {
  private static final String NAME = "last-known-good";

  @Override
  public Outcome<String> keep(Revision revision) {
    return seal.apply(codec.encode(revision)).flatMap(sealed -> state.save(NAME, sealed));
  }

  @Override
  public Outcome<Optional<Revision>> recall() {
    return state
        .load(NAME)
        .flatMap(kept ->
            kept.isEmpty()
                ? Outcome.done(Optional.<Revision>empty())
                : open.apply(kept.get()).flatMap(codec::decode).map(Optional::of));
  }
}
