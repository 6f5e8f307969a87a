package io.armory.agent.port;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// State that outlives the agent of a test, as long as the map does.
///
/// @param obstacle asked before each change: why it cannot be kept; it may throw
public record FakeStateStore(Map<String, byte[]> kept, Supplier<Optional<Failure>> obstacle)
    implements StateStore {

  /// One that can always be written to.
  public FakeStateStore(Map<String, byte[]> kept) {
    this(kept, Optional::empty);
  }

  @Override
  public Outcome<Optional<byte[]>> load(String name) {
    return Outcome.done(Optional.ofNullable(kept.get(name)));
  }

  @Override
  public Outcome<String> save(String name, byte[] content) {
    return unlessKeptFrom(name, () -> kept.put(name, content));
  }

  @Override
  public Outcome<String> delete(String name) {
    return unlessKeptFrom(name, () -> kept.remove(name));
  }

  private Outcome<String> unlessKeptFrom(String name, Runnable change) {
    var why = obstacle.get();
    if (why.isPresent()) {
      return Outcome.failed(why.get());
    }
    change.run();
    return Outcome.done(name);
  }
}
