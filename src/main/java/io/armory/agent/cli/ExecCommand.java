package io.armory.agent.cli;

import io.armory.agent.config.ConfigFile;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `exec`: the engine's own client does it, with the container that the agent names.
@Command(
    name = "exec",
    description = {
      "Run a command in a service's container, by default a shell.",
      "It needs the docker or podman command, and the right to use it. Options of the command go"
          + " after --."
    })
final class ExecCommand extends CliCommand {
  private static final List<String> CLIENTS = List.of("docker", "podman");

  @Parameters(index = "0", paramLabel = "SERVICE", description = "which service")
  private @Nullable String service;

  @Parameters(index = "1..*", paramLabel = "COMMAND", description = "default: sh")
  private List<String> command = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    var container =
        cli.client()
            .get(
                "/v1/container", Map.of("service", String.valueOf(service)), Duration.ofSeconds(30))
            .strip();
    for (var client : CLIENTS) {
      var exit = run(client, container);
      if (exit.isPresent()) {
        return exit.get();
      }
    }
    throw new Refused(
        Exit.FAILED,
        "exec needs the docker or podman command, and neither is installed; the container is "
            + container);
  }

  /// @return how the command ended; empty: there is no such client
  private Optional<Integer> run(String client, String container) throws InterruptedException {
    var words = new ArrayList<>(List.of(client, "exec", "-i"));
    if (cli.terminal().tty()) {
      words.add("-t");
    }
    words.add(container);
    words.addAll(command.isEmpty() ? List.of("sh") : command);
    var process = new ProcessBuilder(words).inheritIO();
    if (ConfigFile.read(cli.paths(), cli.environment())
        instanceof ConfigFile.Reading.Valid(var config)) {
      process.environment().put("DOCKER_HOST", "unix://" + config.docker().socket());
    }
    try {
      return Optional.of(process.start().waitFor());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
