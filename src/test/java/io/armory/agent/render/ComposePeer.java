package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The real `docker compose`, which `./dev test` provides and tells of in `COMPOSE_PEER`.
public final class ComposePeer {
  private ComposePeer() {}

  public record Answer(int exit, String output, String errors) {}

  /// Runs it with nothing in the environment but what is given.
  public static Answer run(Path directory, Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(plugin().toString());
    command.addAll(arguments);
    var output = Files.createTempFile("compose", ".out");
    var errors = Files.createTempFile("compose", ".err");
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("HOME", directory.toString());
    builder.environment().putAll(environment);
    var process = builder.start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("docker compose ended").isTrue();
    var answer = new Answer(process.exitValue(), text(output), text(errors));
    Files.delete(output);
    Files.delete(errors);
    return answer;
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private static Path plugin() {
    var plugin =
        Optional.ofNullable(System.getenv("COMPOSE_PEER"))
            .map(c -> Path.of(c, "cli-plugins", "docker-compose"))
            .orElse(Path.of(".dev/peer/cli-plugins/docker-compose"))
            .toAbsolutePath();
    assertThat(plugin)
        .as("the real docker compose: run ./dev test, or src/test/rig/compose-peer.sh, once")
        .isExecutable();
    return plugin;
  }
}
