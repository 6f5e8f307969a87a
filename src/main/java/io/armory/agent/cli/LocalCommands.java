package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Check;
import io.armory.agent.domain.ImportReport;
import io.armory.agent.domain.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What works without a running agent, on files alone.
public interface LocalCommands {

  /// The resolved Compose file: of the files given, or of the node's own role when none are.
  Answer render(ComposeRequest request);

  /// Whether the files given, or the node's own templates and overlays, are good. The answer's text
  /// says what was checked.
  Answer validate(ComposeRequest request);

  /// Looks at everything the node needs.
  List<Check> examine(Paths paths, Environment environment);

  /// Turns an Armory installation into the agent's own files.
  Import importInstallation(ImportRequest request);

  /// @param stack said by hand
  /// @param role said by hand
  record ImportRequest(
      Paths paths,
      Path directory,
      boolean dryRun,
      boolean force,
      Optional<String> stack,
      Optional<String> role,
      Environment environment) {}

  sealed interface Import {
    record Done(ImportReport report) implements Import {}

    /// There is nothing to import there.
    record Refused(String line) implements Import {}

    /// The disk did not do what it was asked.
    record Failed(String line) implements Import {}
  }

  /// As `docker compose` understands its options.
  ///
  /// @param files in merge order; empty: the node's templates for its role
  /// @param role instead of the node's own
  /// @param environment of the process, for interpolation
  record ComposeRequest(
      Paths paths,
      List<Path> files,
      List<String> profiles,
      List<Path> envFiles,
      Optional<Path> projectDirectory,
      Optional<String> projectName,
      Optional<String> role,
      Format format,
      Environment environment) {
    public ComposeRequest {
      files = List.copyOf(files);
      profiles = List.copyOf(profiles);
      envFiles = List.copyOf(envFiles);
    }
  }

  enum Format {
    YAML,
    JSON
  }

  sealed interface Answer {
    /// @param output for standard output
    /// @param warnings one line each, for standard error
    record Done(String output, List<String> warnings) implements Answer {}

    /// @param problems at least one
    record Invalid(List<Problem> problems) implements Answer {}
  }
}
