package io.armory.agent.cli;

import io.armory.agent.config.ConfigFile;
import io.armory.agent.view.LocalTimes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands that ask the running agent and change nothing.
final class QueryCommands {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private QueryCommands() {}

  static List<Object> all() {
    return List.of(
        new Status(), new PlanCommand(), new Config(), new Events(), new History(), new Logs());
  }

  /// What all of them have.
  private abstract static class Query extends CliCommand {
    @Option(names = "--json", description = "for programs; field names are stable")
    boolean json;

    /// Prints the agent's answer as it comes.
    int show(String path, Map<String, String> parameters) {
      return cli.client().ask("GET", path, asked(parameters), PATIENCE, this::copy);
    }

    /// As [#show], of what goes on until Ctrl-C.
    int follow(String path, Map<String, String> parameters) {
      var all = asked(parameters);
      all.put("follow", "true");
      return cli.client().ask("GET", path, all, Duration.ZERO, this::copyToTheEnd);
    }

    static String count(String option, int number) {
      if (number < 0) {
        throw new Refused(Exit.USAGE, option + ": " + number + " is less than 0");
      }
      return String.valueOf(number);
    }

    private Map<String, String> asked(Map<String, String> parameters) {
      var all = new LinkedHashMap<>(parameters);
      all.put("as", json ? "json" : "text");
      all.put("tty", String.valueOf(cli.terminal().tty()));
      return all;
    }

    boolean isWanted(String line) {
      return true;
    }

    /// A line as it is printed; programs are given UTC.
    String shown(String line) {
      return json ? line : LocalTimes.here(line);
    }

    private int copyToTheEnd(ControlClient.Answer answer) {
      try {
        return copy(answer);
      } catch (IOException e) {
        throw new Refused(
            Exit.FAILED, "the agent has ended, and with it what it was asked to follow");
      }
    }

    private int copy(ControlClient.Answer answer) throws IOException {
      var lines = answer.lines();
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!isWanted(line)) {
          continue;
        }
        cli.terminal().print(shown(line) + "\n");
        if (cli.terminal().out().checkError()) {
          // `| head` has what it wanted.
          break;
        }
      }
      return answer.exit();
    }
  }

  @Command(
      name = "status",
      description = "Show the node's and every service's state; exit code 0 when ready.")
  private static final class Status extends Query {
    private static final Duration REFRESH = Duration.ofSeconds(1);
    private static final String CLEAR = "\033[H\033[2J";

    @Option(names = "--watch", description = "refresh every second until Ctrl-C")
    private boolean watch;

    @Option(
        names = "--all",
        description =
            "also where each fact about the node is from, as without a terminal; with --watch, past the screen")
    private boolean all;

    @Override
    public Integer call() throws InterruptedException {
      if (!watch) {
        var shape = new StatusQuery.Shape(json, all, 0);
        return StatusQuery.once(cli.client(), cli.terminal(), shape, Optional.empty());
      }
      var clear = cli.terminal().tty() ? Optional.of(CLEAR) : Optional.<String>empty();
      while (true) {
        look(clear);
        Thread.sleep(REFRESH);
      }
    }

    /// An agent that is being restarted is no reason to stop watching.
    private void look(Optional<String> clear) {
      try {
        // The last row is the prompt's.
        var rows = all || !cli.terminal().tty() ? 0 : cli.terminal().rows() - 1;
        StatusQuery.once(
            cli.client(), cli.terminal(), new StatusQuery.Shape(json, all, rows), clear);
      } catch (Refused e) {
        if (e.exit() == Exit.NOT_ALLOWED) {
          throw e;
        }
        cli.terminal().print(clear.orElse("") + e.line() + "\n");
      }
    }
  }

  @Command(
      name = "plan",
      description = "Show what would be done now, the cause of each step, and what is waited for.")
  private static final class PlanCommand extends Query {
    @Override
    public Integer call() {
      var columns = String.valueOf(cli.terminal().columns());
      var colour = String.valueOf(cli.terminal().colour());
      return show("/v1/plan", Map.of("columns", columns, "colour", colour));
    }
  }

  @Command(
      name = "config",
      description = "Show every effective parameter with its origin; secrets are masked.")
  private static final class Config extends Query {
    @Option(
        names = "--agent",
        description = "the agent's own settings instead, from agent.yaml; needs no running agent")
    private boolean agent;

    @Override
    public Integer call() {
      if (!agent) {
        return show("/v1/config", Map.of());
      }
      return switch (ConfigFile.read(cli.paths(), cli.environment())) {
        case ConfigFile.Reading.Valid(var config) -> {
          cli.terminal().print(json ? SettingsList.json(config) : SettingsList.text(config));
          yield Exit.DONE;
        }
        case ConfigFile.Reading.Invalid(var problems) -> {
          problems.forEach(p -> cli.terminal().complain(p.line()));
          yield Exit.USAGE;
        }
      };
    }
  }

  @Command(name = "events", description = "Show what happened: what, to what, why, how long.")
  private static final class Events extends Query {
    @Option(names = "--since", paramLabel = "TIME", description = Since.DESCRIPTION)
    private @Nullable String since;

    @Option(
        names = {"-f", "--follow"},
        description = "go on with new events until Ctrl-C")
    private boolean follow;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "100",
        description = "the last N (default: ${DEFAULT-VALUE})")
    private int limit;

    @Override
    public Integer call() {
      var parameters = new LinkedHashMap<String, String>();
      parameters.put("limit", count("--limit", limit));
      var text = since;
      if (text != null) {
        parameters.put("since", Since.instant("--since", text).toString());
      } else if (follow) {
        parameters.put("since", Instant.now().toString());
      }
      if (cli.terminal().tty()) {
        parameters.put("columns", String.valueOf(cli.terminal().columns()));
      }
      return follow ? follow("/v1/events", parameters) : show("/v1/events", parameters);
    }
  }

  @Command(
      name = "history",
      description = {
        "Show the last 10 revisions and how they ended.",
        "Of each: when it came, what had it rolled out, what it changed."
      })
  private static final class History extends Query {
    @Override
    public Integer call() {
      return show("/v1/history", Map.of());
    }
  }

  @Command(
      name = "logs",
      description = "Show the last lines that services wrote; --follow goes on.")
  private static final class Logs extends Query {
    @Parameters(arity = "0..*", paramLabel = "SERVICE", description = "default: all")
    private List<String> services = new ArrayList<>();

    @Option(
        names = {"-n", "--tail"},
        paramLabel = "N",
        description =
            "the last N lines (default: 100 of one service, 10 of each; all with --since)")
    private @Nullable Integer tail;

    @Option(
        names = {"-f", "--follow"},
        description = "go on with new lines, across restarts and rollouts, until Ctrl-C")
    private boolean follow;

    @Option(names = "--since", paramLabel = "TIME", description = Since.DESCRIPTION)
    private @Nullable String since;

    @Option(
        names = "--until",
        paramLabel = "TIME",
        description = "nothing that was written later; as --since")
    private @Nullable String until;

    @Option(
        names = "--grep",
        paramLabel = "REGEX",
        description =
            "only lines in which it is found; looks through all that are kept, at most"
                + " 10,000 of a service, or through those of -n, --since and --until")
    private @Nullable Pattern grep;

    @Option(
        names = {"-t", "--timestamps"},
        description = "each line with the instant it was written")
    private boolean timestamps;

    @Option(
        names = "--failed",
        description =
            "what is kept of the container that failed with a revision, though it is gone: its last"
                + " lines, how it ended, what its health check answered")
    private boolean failed;

    @Override
    boolean isWanted(String line) {
      return grep == null || grep.matcher(line).find();
    }

    /// What services wrote is not touched.
    @Override
    String shown(String line) {
      return failed ? super.shown(line) : line;
    }

    @Override
    public Integer call() {
      var parameters = new LinkedHashMap<String, String>();
      if (!services.isEmpty()) {
        parameters.put("service", String.join(",", services));
      }
      if (tail != null) {
        parameters.put("lines", count("--tail", tail));
      } else if (grep != null) {
        parameters.put("lines", "10000");
      }
      if (since != null) {
        parameters.put("since", Since.instant("--since", since).toString());
      }
      if (until != null) {
        if (follow) {
          throw new Refused(
              Exit.USAGE, "--until is for what was written, --follow for what will be");
        }
        parameters.put("until", Since.instant("--until", until).toString());
      }
      if (json && grep != null) {
        throw new Refused(Exit.USAGE, "--grep chooses lines of text; leave out --json");
      }
      parameters.put("timestamps", String.valueOf(timestamps));
      if (failed) {
        parameters.put("failed", "true");
        return show("/v1/logs", parameters);
      }
      return follow ? follow("/v1/logs", parameters) : show("/v1/logs", parameters);
    }
  }
}
