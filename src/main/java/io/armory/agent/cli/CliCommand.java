package io.armory.agent.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.ParentCommand;

/// A command below the command line as a whole.
abstract class CliCommand implements Callable<Integer> {
  @ParentCommand
  @SuppressWarnings("NullAway.Init")
  Cli cli;

  /// One line of what is being done.
  void progress(String line) {
    cli.terminal().print(line + "\n");
  }
}
