package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.ImageShelf.Spare;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The contract on Docker 28.5 with the containerd store, which is Docker 29's.
class Docker28ContainerdIT extends OtherEngineContract {
  Docker28ContainerdIT() {
    super(
        Path.of(
            Optional.ofNullable(System.getenv("ENGINE_28_CONTAINERD"))
                .orElse("/run/armory-engine-28-containerd/docker.sock")));
  }

  /// Every image has a digest here, also one that was loaded.
  @Test
  void an_image_that_was_never_pulled_is_not_spare() {
    assertThat(real.get("/images/" + RealEngine.IMAGE + "/json").path("RepoDigests").isEmpty())
        .isFalse();
    assertThat(
            engine()
                .images()
                .spare(Set.of(), Set.of("armory-standin/service", "armory-standin/gate")))
        .isEqualTo(Outcome.done(List.<Spare>of()));
    assertThat(engine().images().directory()).isInstanceOf(Outcome.Done.class);
  }

  @Override
  protected boolean mountsImages() {
    return true;
  }
}
