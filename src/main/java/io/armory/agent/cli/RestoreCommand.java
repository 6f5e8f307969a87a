package io.armory.agent.cli;

import java.io.IOException;
import java.nio.file.Files;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "restore",
    description = {
      "Put a backup back.",
      "Where the node has a Redis and a database of its own, it takes their place: it is checked and"
          + " loaded beside them, then the services are stopped, and started with it. What was there"
          + " is kept in the volumes. If it fails, that is put back.",
      "Where they are shared (role ha), front50's objects and orca's executions are loaded beside"
          + " what is there, and nothing that is there is changed."
    })
final class RestoreCommand extends Act {
  @Parameters(paramLabel = "FROM", description = "a file, or s3://BUCKET/KEY")
  @SuppressWarnings("NullAway.Init")
  private String from;

  @Option(names = "--other-stack", description = "take it though it is of another stack")
  private boolean otherStack;

  @Option(
      names = "--overwrite",
      description = "in shared stores, replace what is there already by what is in the backup")
  private boolean overwrite;

  @Override
  public Integer call() {
    var name =
        BackupCommand.value(
            cli.local().stage(cli.paths(), cli.environment(), from, this::progress));
    parameters.put("archive", name);
    parameters.put("from", from);
    parameters.put("otherStack", String.valueOf(otherStack));
    parameters.put("overwrite", String.valueOf(overwrite));
    try {
      return order("/v1/restore");
    } finally {
      // A copy: what it was made of is left alone.
      remove(name);
    }
  }

  private void remove(String name) {
    try {
      Files.deleteIfExists(cli.paths().restores().resolve(name));
    } catch (IOException e) {
      cli.terminal().complain("a copy of the backup is left in " + cli.paths().restores());
    }
  }
}
