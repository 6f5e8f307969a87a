package io.armory.agent.app;

import io.armory.agent.adapter.files.StateOwner;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.StateStore;
import io.armory.agent.reconcile.desired.RevisionArchive;
import io.armory.agent.render.RevisionCodec;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/// The last known good revision in the state directory.
///
/// @param sealed a store that seals what it keeps: a revision holds secrets
/// @param recalled told of what was read
/// @param owner knows what lies there of another machine
record KeptRevision(
    StateStore sealed, RevisionCodec codec, Consumer<Revision> recalled, StateOwner owner)
    implements RevisionArchive {
  private static final String NAME = "last-known-good";
  private static final String BEGUN = "begun-revision";

  @Override
  public Outcome<String> keep(Revision revision) {
    return sealed
        .save(NAME, codec.encode(revision))
        .map(where -> {
          owner.settled();
          return where;
        });
  }

  @Override
  public Outcome<Optional<Revision>> recall() {
    return read(NAME).flatMap(kept -> kept.isEmpty() ? none() : Outcome.done(kept));
  }

  @Override
  public Outcome<String> begin(Revision revision) {
    return sealed.save(BEGUN, codec.encode(revision));
  }

  @Override
  public Outcome<Optional<Revision>> begun() {
    return read(BEGUN);
  }

  @Override
  public Outcome<String> remember(Revision revision) {
    return sealed.save(name(revision.id()), codec.encode(revision));
  }

  @Override
  public Outcome<Optional<Revision>> recall(String id) {
    return read(name(id));
  }

  private Outcome<Optional<Revision>> read(String name) {
    return sealed
        .load(name)
        .flatMap(kept ->
            kept.isEmpty()
                ? Outcome.done(Optional.empty())
                : codec
                    .decode(kept.get())
                    .map(revision -> {
                      recalled.accept(revision);
                      return Optional.of(revision);
                    }));
  }

  @Override
  public Outcome<String> forget(String id) {
    return sealed.delete(name(id));
  }

  private static String name(String id) {
    return "revision-" + id;
  }

  private Outcome<Optional<Revision>> none() {
    return owner
        .setAside()
        .map(aside -> Outcome.<Optional<Revision>>failed(Failure.Kind.INVALID, aside.message()))
        .orElseGet(() -> Outcome.done(Optional.empty()));
  }

  @Override
  public Optional<Instant> strangersBefore() {
    return owner.setAside().map(StateOwner.SetAside::at);
  }
}
