package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.S3Address;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.report.ImportReport;
import io.armory.agent.domain.stack.KnownSecrets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

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

  /// Pulls the images of a role onto a node that is not one yet: for baking a machine image. What
  /// only the later node can know is made up.
  Outcome<String> pull(
      Paths paths, Environment environment, String role, Consumer<String> progress);

  /// Removes the containers and networks that an agent of these paths made, which does not run any
  /// more. Volumes stay.
  Outcome<String> down(Paths paths, Environment environment, Consumer<String> progress);

  /// Makes a backup of what this node alone keeps.
  ///
  /// @param to a file, a directory, or `s3://BUCKET/KEY`; empty: the usual directory
  /// @return where it is, and what is in it, in a line each
  Outcome<String> backup(
      Paths paths, Environment environment, Optional<String> to, Consumer<String> progress);

  /// Puts a backup where the running agent takes it from.
  ///
  /// @param from a file, or `s3://BUCKET/KEY`
  /// @return its name there
  Outcome<String> stage(
      Paths paths, Environment environment, String from, Consumer<String> progress);

  /// What a support bundle has of the node itself, whether an agent runs or not.
  Support support(Paths paths, Environment environment);

  /// Puts a file into S3, with the node's own rights.
  ///
  /// @return where it is
  Outcome<String> send(Paths paths, Environment environment, Path file, S3Address to);

  /// @param files path in the bundle → content, not yet masked
  /// @param missing one line each: what could not be read, and why
  /// @param secrets every secret that could be learned
  record Support(Map<String, String> files, List<String> missing, KnownSecrets secrets) {
    public Support {
      files = Map.copyOf(files);
      missing = List.copyOf(missing);
    }
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
