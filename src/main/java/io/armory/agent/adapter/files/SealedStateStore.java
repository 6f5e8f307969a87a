package io.armory.agent.adapter.files;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;
import java.util.Optional;

/// State with secrets in it: sealed on its way to another store, opened on its way back.
///
/// @param box empty: secrets are not to be kept on this node. Then nothing is saved, what an
///   earlier setting kept is deleted, and every document reads as never written.
public record SealedStateStore(StateStore store, Optional<SealedBox> box) implements StateStore {

  @Override
  public Outcome<Optional<byte[]>> load(String name) {
    return box.isEmpty() ? Outcome.done(Optional.empty()) : load(name, box.get());
  }

  private Outcome<Optional<byte[]>> load(String name, SealedBox opener) {
    var kept = store.load(name);
    if (!(kept instanceof Outcome.Done<Optional<byte[]>>(var sealed)) || sealed.isEmpty()) {
      return kept;
    }
    return opener.unseal(name, sealed.get()).map(content -> Optional.of(content));
  }

  @Override
  public Outcome<String> save(String name, byte[] content) {
    return box.map(b -> store.save(name, b.seal(name, content))).orElseGet(() -> delete(name));
  }

  @Override
  public Outcome<String> delete(String name) {
    return store.delete(name);
  }
}
