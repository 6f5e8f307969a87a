package io.armory.agent.adapter.docker;

import io.armory.agent.adapter.docker.images.KeptLines;
import io.armory.agent.adapter.docker.images.SpareImages;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.ImageShelf;
import java.util.List;
import java.util.Set;

/// The engine's images.
record EngineShelf(DockerEngine engine, KeptLines pulled) implements ImageShelf {

  @Override
  public Outcome<List<Spare>> spare(Set<String> needed, Set<String> repositories) {
    return engine.outcome("list images", s -> SpareImages.of(s, needed, repositories, pulled));
  }

  @Override
  public Outcome<String> directory() {
    return engine.outcome("ask for the engine's directory", SpareImages::directory);
  }

  @Override
  public Outcome<String> remove(String reference) {
    return engine.outcome(
        "remove image " + reference,
        s -> {
          SpareImages.remove(s, reference);
          return "";
        });
  }
}
