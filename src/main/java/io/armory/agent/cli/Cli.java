package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line as a whole.
@Command(
    name = "armory-agent",
    description = "Runs the Spinnaker stack of this node, and keeps it running.",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    footer = {
      "",
      "Exit codes: 0 done (status: ready), 1 failed (status: not ready), 2 wrong usage",
      "or invalid input, 3 the agent is not running, 4 not allowed."
    })
public final class Cli implements Runnable {
  private final Terminal terminal;
  private final LocalCommands local;
  private final AgentStarter starter;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "all of the agent's paths lie under DIR (default: $ARMORY_AGENT_ROOT or /)")
  private @Nullable Path root;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "log more, and show where an error comes from")
  private boolean debug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "show this help")
  @SuppressWarnings("UnusedVariable")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "show the agent's version")
  @SuppressWarnings("UnusedVariable")
  private boolean version;

  private Cli(Terminal terminal, LocalCommands local, AgentStarter starter) {
    this.terminal = terminal;
    this.local = local;
    this.starter = starter;
  }

  /// Does what the arguments say.
  ///
  /// @return the exit code
  public static int run(
      String[] arguments, Terminal terminal, LocalCommands local, AgentStarter starter) {
    var cli = new Cli(terminal, local, starter);
    var line = new CommandLine(cli);
    Stream.of(QueryCommands.all(), ActCommands.all(), LocalCommandLine.all())
        .flatMap(List::stream)
        .forEach(line::addSubcommand);
    line.addSubcommand(new CompletionCommand());
    line.getCommandSpec().version(Version.line());
    line.setOut(writer(terminal.out()));
    line.setErr(writer(terminal.err()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((error, _) -> wrongUsage(error, terminal));
    line.setExecutionExceptionHandler((error, _, _) -> cli.failed(error));
    return line.execute(helpFirst(arguments));
  }

  /// `help COMMAND` is `COMMAND --help`, as with git and docker.
  private static String[] helpFirst(String[] arguments) {
    if (arguments.length == 0 || !arguments[0].equals("help")) {
      return arguments;
    }
    var shown = Arrays.copyOfRange(arguments, 1, arguments.length + 1);
    shown[shown.length - 1] = "--help";
    return shown;
  }

  /// No command at all.
  @Override
  public void run() {
    throw new Refused(Exit.USAGE, "which command? armory-agent --help lists them");
  }

  Environment environment() {
    return terminal.environment();
  }

  Terminal terminal() {
    return terminal;
  }

  LocalCommands local() {
    return local;
  }

  AgentStarter starter() {
    return starter;
  }

  Paths paths() {
    return new Paths(root == null ? environment().root() : root);
  }

  /// The root, if somebody has said one.
  Optional<Path> givenRoot() {
    return Optional.ofNullable(root).or(() -> environment().get(Environment.ROOT).map(Path::of));
  }

  ControlClient client() {
    return new ControlClient(paths().controlSocket(), environment().user());
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  private static int wrongUsage(ParameterException error, Terminal terminal) {
    var command = error.getCommandLine().getCommandSpec().qualifiedName();
    var text = String.valueOf(error.getMessage()).lines().findFirst().orElse("wrong usage");
    if (error instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      text += "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?";
    }
    terminal.complain(
        text.substring(0, 1).toLowerCase(Locale.ROOT)
            + text.substring(1)
            + " (see "
            + command
            + " --help)");
    return Exit.USAGE;
  }

  private int failed(Exception error) {
    if (debug) {
      error.printStackTrace(terminal.err());
    }
    if (error instanceof Refused refused) {
      terminal.complain(refused.line());
      return refused.exit();
    }
    terminal.complain("internal error: " + error + (debug ? "" : "; --debug shows where"));
    return Exit.BUG;
  }
}
