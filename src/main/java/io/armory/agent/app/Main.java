package io.armory.agent.app;

import io.armory.agent.cli.AgentStarter;
import io.armory.agent.cli.Cli;
import io.armory.agent.cli.Exit;
import io.armory.agent.cli.PlainCommand;
import io.armory.agent.cli.RunCommand;
import io.armory.agent.cli.StatusQuery;
import io.armory.agent.cli.Terminal;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Process entry point, and the one place that ends the process.
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    var environment = Environment.ofProcess();
    // First, and before anything else is loaded: status is run in loops.
    var plain = PlainCommand.of(arguments, environment);
    if (plain != null && plain.name() == PlainCommand.Name.STATUS) {
      leave(StatusQuery.run(plain, environment));
    }
    command(arguments, plain, environment);
  }

  /// @param plain `run`, plainly; `null`: the command line says what
  private static void command(
      String[] arguments, @Nullable PlainCommand plain, Environment environment) {
    Logging.level(List.of(arguments).contains("--debug"), environment.underJournal());
    if (List.of(arguments).contains("up")) {
      Logging.silence();
    }
    var terminal = Terminal.ofProcess(environment);
    var daemon = new AtomicBoolean();
    AgentStarter starter =
        (config, of, problems) -> {
          daemon.set(true);
          return Agent.run(config, of, problems);
        };
    int code;
    try {
      code =
          plain == null
              ? Cli.run(arguments, terminal, new Offline(), starter)
              : RunCommand.run(new Paths(plain.root()), terminal, starter);
    } catch (RuntimeException | Error e) {
      e.printStackTrace();
      code = Exit.BUG;
    }
    if (daemon.get()) {
      System.exit(code);
    }
    leave(code);
  }

  /// The quick way out, for a client, which has nothing to be run at its end: before an orderly
  /// exit the JVM looks through every jar for a logger to say so to, and that takes longer than
  /// `status`.
  private static void leave(int code) {
    System.out.flush();
    System.err.flush();
    Runtime.getRuntime().halt(code);
  }
}
