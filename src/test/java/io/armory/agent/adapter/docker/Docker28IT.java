package io.armory.agent.adapter.docker;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The contract on Docker 28.5 (API 1.51), of Debian sid, which `src/test/rig/engine-28.sh` runs
/// beside the machine's own, with the graph drivers that older engines have; with its other store:
/// [Docker28ContainerdIT].
class Docker28IT extends OtherEngineContract {
  Docker28IT() {
    super(
        Path.of(
            Optional.ofNullable(System.getenv("ENGINE_28"))
                .orElse("/run/armory-engine-28/docker.sock")));
  }

  @Override
  protected boolean mountsImages() {
    return true;
  }

  @Test
  void what_others_do_is_seen_by_a_glance() {
    whatOthersDoIsSeenByAGlance();
  }
}
