package io.armory.agent.cli;

import io.armory.agent.cli.LocalCommands.ImportRequest;
import io.armory.agent.view.ImportText;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "import",
    sortOptions = false,
    description = {
      "Turn an Armory Spinnaker installation (/opt/spinnaker) into this agent's files.",
      "Env files, Compose overrides, logging profiles and Spinnaker's own files are carried"
          + " over; every line that is not is reported, with what to do. The old installation is"
          + " only read. Exit code 0 if nothing is left to decide, 1 otherwise."
    })
final class ImportCommand extends CliCommand {
  @Parameters(paramLabel = "DIR", description = "the installation, such as /opt/spinnaker")
  @SuppressWarnings("NullAway.Init")
  private Path directory;

  @Option(names = "--dry-run", description = "write nothing, say what would be written")
  private boolean dryRun;

  @Option(names = "--force", description = "replace files that are there and differ")
  private boolean force;

  @Option(
      names = "--stack",
      paramLabel = "STACK",
      description = "which stack this node is: written to agent.yaml, for a node without tags")
  private @Nullable String stack;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "which role this node has: written to agent.yaml, for a node without tags")
  private @Nullable String role;

  @Option(names = "--json", description = "for programs; field names are stable")
  private boolean json;

  @Override
  public Integer call() {
    var request =
        new ImportRequest(
            cli.paths(),
            directory,
            dryRun,
            force,
            Optional.ofNullable(stack),
            Optional.ofNullable(role),
            cli.environment());
    return switch (cli.local().importInstallation(request)) {
      case LocalCommands.Import.Refused(var line) -> throw new Refused(Exit.USAGE, line);
      case LocalCommands.Import.Failed(var line) -> throw new Refused(Exit.FAILED, line);
      case LocalCommands.Import.Done(var report) -> {
        cli.terminal().print(json ? ImportText.json(report) : ImportText.text(report));
        if (report.isBlocked()) {
          throw new Refused(
              Exit.FAILED,
              "nothing was written: other files are in the way; --force replaces them");
        }
        yield report.isComplete() ? Exit.DONE : Exit.FAILED;
      }
    };
  }
}
