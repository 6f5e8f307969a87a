package io.armory.agent.cli;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands that make the running agent do something. Progress is printed as it comes; the
/// command ends when the agent has done it, or could not.
final class ActCommands {
  private ActCommands() {}

  static List<Object> all(Cli cli, LocalCommands local) {
    return List.of(
        new Sync(cli),
        new Restart(cli),
        new Stop(cli),
        new Start(cli),
        new Pull(cli, local),
        new Maintenance(cli),
        new Drain(cli));
  }

  @Command(
      name = "sync",
      description = {
        "Read all sources again and roll out what changed.",
        "Ends when the new revision is healthy (exit code 0) or was rolled back (1), or when its",
        "images cannot be pulled as the registry stays away (1); the agent then tries again by"
            + " itself."
      })
  private static final class Sync extends Act {
    @Option(
        names = "--remove-orphans",
        description = "also remove containers of the project that no service defines")
    private boolean removeOrphans;

    @Option(
        names = "--retry",
        description = "try the revision again that was rolled back, though nothing changed")
    private boolean retry;

    @Option(names = "--timeout", paramLabel = "TIME", description = "give up waiting, as in 30m")
    private @Nullable String timeout;

    Sync(Cli cli) {
      super(cli);
    }

    @Override
    public Integer call() {
      parameters.put("removeOrphans", String.valueOf(removeOrphans));
      parameters.put("retry", String.valueOf(retry));
      duration("timeout", "--timeout", timeout);
      return order("/v1/sync");
    }
  }

  private abstract static class OnService extends Act {
    @Parameters(arity = "0..1", paramLabel = "SERVICE", description = "default: all")
    private @Nullable String service;

    OnService(Cli cli) {
      super(cli);
    }

    int orderOnService(String path) {
      if (service != null) {
        parameters.put("service", service);
      }
      return order(path);
    }
  }

  @Command(name = "restart", description = "Restart a service, or all in order.")
  private static final class Restart extends OnService {
    Restart(Cli cli) {
      super(cli);
    }

    @Override
    public Integer call() {
      return orderOnService("/v1/restart");
    }
  }

  @Command(
      name = "stop",
      description = "Stop a service, or all, and keep it stopped until start, across reboots.")
  private static final class Stop extends OnService {
    Stop(Cli cli) {
      super(cli);
    }

    @Override
    public Integer call() {
      return orderOnService("/v1/stop");
    }
  }

  @Command(name = "start", description = "Start what was stopped with stop.")
  private static final class Start extends OnService {
    Start(Cli cli) {
      super(cli);
    }

    @Override
    public Integer call() {
      return orderOnService("/v1/start");
    }
  }

  @Command(name = "pull", description = "Pull the images of the node's revision, start nothing.")
  private static final class Pull extends Act {
    private final LocalCommands local;

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        description = "of this role instead, with no agent running: for baking a machine image")
    private @Nullable String role;

    Pull(Cli cli, LocalCommands local) {
      super(cli);
      this.local = local;
    }

    @Override
    public Integer call() {
      var of = role;
      return of == null ? order("/v1/pull") : baked(of);
    }

    private int baked(String of) {
      var terminal = cli.terminal();
      return switch (local.pull(
          cli.paths(), cli.environment(), of, line -> terminal.print(line + "\n"))) {
        case Outcome.Done<String>(var text) -> {
          terminal.print(text + "\n");
          yield Exit.DONE;
        }
        case Outcome.Failed<String>(var failure) ->
            throw new Refused(
                failure.kind() == Failure.Kind.INVALID ? Exit.USAGE : Exit.FAILED,
                failure.message());
      };
    }
  }

  @Command(
      name = "maintenance",
      description = "Work on the node by hand without it being reported unhealthy.")
  private static final class Maintenance extends Act {
    enum Switch {
      on,
      off
    }

    @Parameters(paramLabel = "on|off", description = "begin or end it")
    private @Nullable Switch to;

    @Option(
        names = "--for",
        paramLabel = "TIME",
        description = "it ends by itself after this, as in 2h; required for on")
    private @Nullable String time;

    @Option(names = "--reason", paramLabel = "TEXT", description = "shown to everybody")
    private String reason = "";

    @Option(
        names = "--standby",
        description = "also put the instance into its Auto Scaling group's standby")
    private boolean standby;

    Maintenance(Cli cli) {
      super(cli);
    }

    @Override
    public Integer call() {
      if (to == Switch.on && time == null) {
        throw new Refused(Exit.USAGE, "maintenance on needs an end: --for 2h");
      }
      if (to == Switch.on) {
        duration("for", "--for", time);
        parameters.put("reason", reason);
        parameters.put("standby", String.valueOf(standby));
      }
      return order("/v1/maintenance");
    }
  }

  @Command(
      name = "drain",
      description = {
        "Take the node out of service: not ready, work in hand awaited (messages",
        "that orca handles, rosco's bakes), everything stopped. Executions that only",
        "wait stay in the store; the next orca goes on with them. Holds across",
        "reboots, until armory-agent start."
      })
  private static final class Drain extends Act {
    @Option(
        names = "--timeout",
        paramLabel = "TIME",
        description = "longest wait for work in hand (default: drain.timeout)")
    private @Nullable String timeout;

    Drain(Cli cli) {
      super(cli);
    }

    @Override
    public Integer call() {
      duration("timeout", "--timeout", timeout);
      return order("/v1/drain");
    }
  }
}
