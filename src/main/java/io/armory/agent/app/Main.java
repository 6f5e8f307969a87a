package io.armory.agent.app;

import io.armory.agent.cli.Cli;
import io.armory.agent.cli.Exit;
import io.armory.agent.cli.StatusQuery;
import io.armory.agent.cli.Terminal;
import io.armory.agent.config.Environment;
import java.util.List;

/// Process entry point, and the one place that ends the process.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    var environment = Environment.ofProcess();
    // status first, and before anything else is loaded: it is run in loops.
    var status = StatusQuery.attempt(arguments, environment);
    if (status.isPresent()) {
      return status.getAsInt();
    }
    Logging.level(List.of(arguments).contains("--debug"), environment.underJournal());
    try {
      return Cli.run(arguments, Terminal.ofProcess(environment), new Offline(), Agent::run);
    } catch (RuntimeException | Error e) {
      e.printStackTrace();
      return Exit.BUG;
    }
  }
}
