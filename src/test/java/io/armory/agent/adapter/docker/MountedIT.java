package io.armory.agent.adapter.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Storage;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What a real engine says of a container's mounts, and what becomes of them.
class MountedIT {
  private static final String TARGET = "/run/secrets/token";

  @RegisterExtension final RealEngine real = new RealEngine();
  @TempDir Path files;

  @AutoClose
  private final DockerEngine engine =
      DockerEngine.open(
          DockerEngine.DEFAULT_SOCKET, RegistryCredentials.ANONYMOUS, Path.of("/dev/null"));

  @Test
  void a_file_is_told_as_long_as_it_is_the_one_that_was_mounted() throws IOException {
    var token = Files.writeString(files.resolve("token"), "one");
    var mount =
        new Storage.FileMount(
            Storage.FileMount.Kind.SECRET,
            "token",
            TARGET,
            token.toString(),
            null,
            null,
            null,
            "digest");
    var stack =
        SampleStack.of(real.project())
            .service("gate", RealEngine.IMAGE, s -> s.mounts(mount))
            .build();
    var service = stack.services().values().iterator().next();
    var name = real.project() + "-gate-1";
    var imageId = real.get("/images/" + RealEngine.IMAGE + "/json").path("Id").asText();
    stack.networks().values().forEach(n -> done(new Action.CreateNetwork(real.project(), n)));
    var id =
        done(
            new Action.CreateContainer(
                stack, service, 1, name, imageId, Map.of(), Optional.empty()));
    done(new Action.StartContainer("gate", name, id));

    assertThat(mounts()).containsExactly(Map.entry(TARGET, token.toString()));
    assertThat(mountedByAny()).contains(token.toString());

    var next = Files.writeString(files.resolve("next"), "two");
    Files.move(next, token, StandardCopyOption.REPLACE_EXISTING);
    await().untilAsserted(() -> assertThat(mounts()).as("another file has its path").isEmpty());
    Files.delete(token);
    assertThat(mounts()).as("it is gone").isEmpty();
    assertThat(mountedByAny()).contains(token.toString());
  }

  private Map<String, String> mounts() {
    var scope = new Scope(real.project(), Set.of(), Set.of(), Set.of());
    return engine.observe(scope) instanceof Observed seen
        ? seen.containers().getFirst().mounts()
        : Map.of("the engine", "did not answer");
  }

  private Set<String> mountedByAny() {
    return engine.mounted() instanceof Outcome.Done<Set<String>>(var paths) ? paths : Set.of();
  }

  private String done(Action action) {
    var outcome = engine.execute(action, line -> {});
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return outcome instanceof Outcome.Done<String>(var value) ? value : "";
  }
}
