package io.armory.agent.app;

import io.armory.agent.cli.AgentStarter;
import io.armory.agent.cli.Cli;
import io.armory.agent.cli.Exit;
import io.armory.agent.cli.StatusQuery;
import io.armory.agent.cli.Terminal;
import io.armory.agent.config.Environment;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Process entry point, and the one place that ends the process.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    var environment = Environment.ofProcess();
    // status first, and before anything else is loaded: it is run in loops.
    var status = StatusQuery.attempt(arguments, environment);
    if (status.isPresent()) {
      leave(status.getAsInt());
    }
    command(arguments, environment);
  }

  private static void command(String[] arguments, Environment environment) {
    Logging.level(List.of(arguments).contains("--debug"), environment.underJournal());
    var daemon = new AtomicBoolean();
    AgentStarter starter = (config, of, problems) -> {
      daemon.set(true);
      return Agent.run(config, of, problems);
    };
    int code;
    try {
      code = Cli.run(arguments, Terminal.ofProcess(environment), new Offline(), starter);
    } catch (RuntimeException | Error e) {
      e.printStackTrace();
      code = Exit.BUG;
    }
    if (daemon.get()) {
      System.exit(code);
    }
    leave(code);
  }

  /// The quick way out, for a client, which has nothing to be run at its end: before an orderly exit
  /// the JVM looks through every jar for a logger to say so to, and that takes longer than `status`.
  private static void leave(int code) {
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(code);
  }
}
