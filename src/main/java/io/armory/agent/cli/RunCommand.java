package io.armory.agent.cli;

import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Paths;
import picocli.CommandLine.Command;

/// `armory-agent run`: the daemon.
@Command(
    name = "run",
    description = "Run the agent in the foreground; this is what systemd starts.")
public final class RunCommand extends CliCommand {
  @Override
  public Integer call() {
    return run(cli.paths(), cli.terminal(), cli.starter());
  }

  /// Until it is told to stop.
  ///
  /// @return the exit code
  public static int run(Paths paths, Terminal terminal, AgentStarter starter) {
    var environment = terminal.environment();
    return switch (ConfigFile.read(paths, environment)) {
      case ConfigFile.Reading.Invalid(var problems) -> {
        problems.forEach(p -> terminal.complain(p.line()));
        yield Exit.MISCONFIGURED;
      }
      case ConfigFile.Reading.Valid(var config) ->
          starter.run(config, environment, terminal::complain);
    };
  }
}
