package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/// How a command ended, and what it said. It was run in this process, by Ann.
record CommandRun(int exit, String out, String err) {
  static CommandRun of(Path root, String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var terminal =
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            new Environment(Map.of("ARMORY_AGENT_ROOT", root.toString(), "SUDO_USER", "ann")));
    var exit =
        Cli.run(
            arguments,
            terminal,
            new NothingLocal(),
            (config, _, problems) -> {
              problems.accept("started on " + config.http().port());
              return 0;
            });
    return new CommandRun(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
