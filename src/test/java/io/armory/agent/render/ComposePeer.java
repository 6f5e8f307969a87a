package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The real `docker compose` of two generations, which `./dev test` provides and tells of in the
/// environment.
public enum ComposePeer {
  /// 2.26.1 where Debian's packages are to be had.
  OLDER("COMPOSE_PEER", "peer"),
  /// 2.40.3 of Debian sid.
  NEWER("COMPOSE_PEER_NEWER", "peer-sid");

  private final String variable;
  private final String folder;

  ComposePeer(String variable, String folder) {
    this.variable = variable;
    this.folder = folder;
  }

  public record Answer(int exit, String output, String errors) {}

  /// Runs the older one with nothing in the environment but what is given.
  public static Answer run(Path directory, Map<String, String> environment, List<String> arguments)
      throws IOException, InterruptedException {
    return OLDER.answer(directory, environment, arguments);
  }

  /// Runs it with nothing in the environment but what is given.
  public Answer answer(Path directory, Map<String, String> environment, List<String> arguments)
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

  /// Makes it the one that is installed below this root, as Debian's packages show it.
  public void install(Path root) {
    try {
      var plugin = root.resolve("usr/libexec/docker/cli-plugins/docker-compose");
      var status = root.resolve("var/lib/dpkg/status");
      Files.createDirectories(plugin.getParent());
      Files.createDirectories(status.getParent());
      Files.writeString(plugin, "");
      var version = answer(root, Map.of(), List.of("version", "--short")).output().strip();
      Files.writeString(status, "Package: docker-compose\nVersion: %s\n".formatted(version));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private Path plugin() {
    var plugin =
        Optional.ofNullable(System.getenv(variable))
            .map(c -> Path.of(c, "cli-plugins", "docker-compose"))
            .orElse(Path.of(".dev", folder, "cli-plugins", "docker-compose"))
            .toAbsolutePath();
    assertThat(plugin)
        .as("the real docker compose: run ./dev test, or src/test/rig/compose-peer.sh, once")
        .isExecutable();
    return plugin;
  }
}
