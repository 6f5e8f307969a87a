package io.armory.agent.cli;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The commands that make the running agent do something. Progress is printed as it comes; the
/// command ends when the agent has done it, or could not.
final class ActCommands {
  private ActCommands() {}

  static List<Object> all() {
    return List.of(
        new Sync(),
        new Rollback(),
        new Approve(),
        new Restart(),
        new Stop(),
        new Start(),
        new Pull(),
        new Maintenance(),
        new Drain());
  }

  @Command(
      name = "sync",
      description = {
        "Read all sources again and roll out what changed.",
        "Ends when the new revision is healthy (exit code 0) or was rolled back or held back (1),"
            + " or when its images cannot be pulled as the registry stays away (1); the agent then"
            + " tries again by itself.",
        "A revision that waits for approval is not approved by it: it ends with 1 at once."
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

    @Option(names = "--now", description = "do not wait for the turn among the nodes of the group")
    private boolean now;

    @Option(
        names = "--await-approval",
        description = "wait until what waits for approval is approved, or its hours begin")
    private boolean awaitApproval;

    @Option(
        names = "--dry-run",
        description = "roll out nothing; only show what the sources would change now")
    private boolean dryRun;

    @Option(names = "--timeout", paramLabel = "TIME", description = "give up waiting, as in 30m")
    private @Nullable String timeout;

    @Override
    public Integer call() {
      if (dryRun && (removeOrphans || retry || now || awaitApproval)) {
        throw new Refused(
            Exit.USAGE,
            "--dry-run changes nothing: leave out --remove-orphans, --retry, --now and"
                + " --await-approval");
      }
      parameters.put("dryRun", String.valueOf(dryRun));
      parameters.put("removeOrphans", String.valueOf(removeOrphans));
      parameters.put("retry", String.valueOf(retry));
      parameters.put("now", String.valueOf(now));
      parameters.put("awaitApproval", String.valueOf(awaitApproval));
      duration("timeout", "--timeout", timeout);
      return order("/v1/sync");
    }
  }

  @Command(
      name = "rollback",
      description = {
        "Go back to an earlier good revision and hold it.",
        "Without a name, to the last good one before that in force; history lists them.",
        "Ends as sync does. The revision is held against the sources, across restarts,"
            + " until sync or rollback --release."
      })
  private static final class Rollback extends Act {
    @Parameters(arity = "0..1", paramLabel = "REVISION", description = "its ID, as in history")
    private @Nullable String revision;

    @Option(names = "--release", description = "follow the sources again")
    private boolean release;

    @Option(names = "--timeout", paramLabel = "TIME", description = "give up waiting, as in 30m")
    private @Nullable String timeout;

    @Override
    public Integer call() {
      var id = revision;
      if (id != null && release) {
        throw new Refused(Exit.USAGE, "rollback takes a revision or --release, not both");
      }
      if (id != null) {
        parameters.put("revision", id);
      }
      parameters.put("release", String.valueOf(release));
      duration("timeout", "--timeout", timeout);
      return order("/v1/rollback");
    }
  }

  @Command(
      name = "approve",
      description = {
        "Let the revision begin that waits for approval.",
        "Without a name, what status shows, in a group also of the nodes of other roles; with one,"
            + " that one alone, on whichever node it waits. It begins on every node in its turn."
            + " Ends as sync does."
      })
  private static final class Approve extends Act {
    @Parameters(arity = "0..1", paramLabel = "REVISION", description = "its ID, as in status")
    private @Nullable String revision;

    @Option(names = "--timeout", paramLabel = "TIME", description = "give up waiting, as in 30m")
    private @Nullable String timeout;

    @Override
    public Integer call() {
      var id = revision;
      if (id != null) {
        parameters.put("revision", id);
      }
      duration("timeout", "--timeout", timeout);
      return order("/v1/approve");
    }
  }

  private abstract static class OnService extends Act {
    @Parameters(arity = "0..*", paramLabel = "SERVICE", description = "default: all")
    private List<String> services = new ArrayList<>();

    int orderOnService(String path) {
      if (!services.isEmpty()) {
        parameters.put("service", String.join(",", services));
      }
      return order(path);
    }
  }

  @Command(name = "restart", description = "Restart services, or all in order.")
  private static final class Restart extends OnService {
    @Override
    public Integer call() {
      return orderOnService("/v1/restart");
    }
  }

  @Command(
      name = "stop",
      description = "Stop services, or all, and keep them stopped until start, across reboots.")
  private static final class Stop extends OnService {
    @Override
    public Integer call() {
      return orderOnService("/v1/stop");
    }
  }

  @Command(name = "start", description = "Start what was stopped with stop.")
  private static final class Start extends OnService {
    @Override
    public Integer call() {
      return orderOnService("/v1/start");
    }
  }

  @Command(name = "pull", description = "Pull the images of the node's revision, start nothing.")
  private static final class Pull extends Act {
    @Option(
        names = "--role",
        paramLabel = "ROLE",
        description = "of this role instead, with no agent running: for baking a machine image")
    private @Nullable String role;

    @Override
    public Integer call() {
      var of = role;
      return of == null ? order("/v1/pull") : baked(of);
    }

    private int baked(String of) {
      var terminal = cli.terminal();
      return switch (cli.local().pull(cli.paths(), cli.environment(), of, this::progress)) {
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
        "Take the node out of service, after the work in hand.",
        "The node becomes not ready, work in hand is awaited (messages that orca handles,"
            + " rosco's bakes), then everything is stopped. Executions that only wait stay in"
            + " the store; the next orca continues them. Holds across reboots, until"
            + " armory-agent start."
      })
  private static final class Drain extends Act {
    @Option(
        names = "--timeout",
        paramLabel = "TIME",
        description = "longest wait for work in hand (default: drain.timeout)")
    private @Nullable String timeout;

    @Override
    public Integer call() {
      duration("timeout", "--timeout", timeout);
      return order("/v1/drain");
    }
  }
}
