package io.armory.agent.adapter.docker;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The contract on Docker 28.5 (API 1.51), of Debian sid, which `src/test/rig/engine-28.sh` runs
/// beside the machine's own. By default it is run on the same engine with its other store
/// ([Docker28ContainerdIT]), and with this store on older ones.
@EnabledIfSystemProperty(
    named = "armory.long",
    matches = "true",
    disabledReason = "./dev test --long")
class Docker28IT extends OtherEngineContract {
  Docker28IT() {
    super(
        Path.of(
            Optional.ofNullable(System.getenv("ENGINE_28"))
                .orElse("/run/armory-engine-28/docker.sock")));
  }
}
