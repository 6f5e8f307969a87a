package io.armory.agent.adapter.files;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;
import java.util.Optional;

/// A store that neither gives nor takes anything, and touches nothing: each call tells why.
public record ShutStateStore(Failure why) implements StateStore {

  @Override
  public Outcome<Optional<byte[]>> load(String name) {
    return Outcome.failed(why);
  }

  @Override
  public Outcome<String> save(String name, byte[] content) {
    return Outcome.failed(why);
  }

  @Override
  public Outcome<String> delete(String name) {
    return Outcome.failed(why);
  }
}
