package io.armory.agent.adapter.docker;

import io.armory.agent.adapter.docker.images.KeptLines;
import io.armory.agent.adapter.docker.images.SpareImages;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.ImageShelf;
import java.util.List;
import java.util.Set;

/// The engine's images.
record EngineShelf(EngineCalls calls, KeptLines pulled) implements ImageShelf {

  @Override
  public Outcome<List<Spare>> spare(Set<String> needed, Set<String> repositories) {
    return calls.outcome("list images", s -> SpareImages.of(s, needed, repositories, pulled));
  }

  @Override
  public Outcome<String> directory() {
    return calls.outcome("ask for the engine's directory", SpareImages::directory);
  }

  @Override
  public Outcome<String> remove(String reference) {
    return calls.outcome(
        "remove image " + reference,
        s -> {
          SpareImages.remove(s, reference);
          return "";
        });
  }
}
