package io.armory.agent.cli;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "backup",
    description = {
      "Back up what this node alone keeps: its Redis, and front50's database.",
      "Everything runs on meanwhile. The archive has all that people wrote into their pipelines,"
          + " secrets included: it is yours alone (0600). Needs the right to use the engine."
    })
final class BackupCommand extends CliCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Option(
      names = "--to",
      paramLabel = "PLACE",
      description =
          "a file, a directory, or s3://BUCKET/KEY (default: a new file in"
              + " /var/lib/armory-agent/backups)")
  private @Nullable String to;

  @Override
  public Integer call() {
    var made =
        cli.local().backup(cli.paths(), cli.environment(), Optional.ofNullable(to), this::progress);
    var said = value(made);
    tellAgent(said.lines().findFirst().orElse(""));
    cli.terminal().print(said + "\n");
    return Exit.DONE;
  }

  /// A backup is one also where no agent runs, or none that listens to whoever asks.
  private void tellAgent(String address) {
    try {
      cli.client()
          .ask("POST", "/v1/backed-up", Map.of("address", address), PATIENCE, _ -> Exit.DONE);
    } catch (Refused e) {
      // The agent's own timer makes its next one as if there were none.
    }
  }

  static String value(Outcome<String> outcome) {
    return switch (outcome) {
      case Outcome.Done<String>(var value) -> value;
      case Outcome.Failed<String>(var failure) ->
          throw new Refused(exit(failure), failure.message());
    };
  }

  private static int exit(Failure failure) {
    if (failure.kind() == Failure.Kind.INVALID) {
      return Exit.USAGE;
    }
    // Who asks lacks no right of this node's where AWS refuses it.
    return failure.kind() == Failure.Kind.DENIED && failure.blame() != Failure.Blame.OUTSIDE
        ? Exit.NOT_ALLOWED
        : Exit.FAILED;
  }
}
