package io.armory.agent.compose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What to load. Built with [#of] and the `with…` methods.
///
/// @param files Compose files, the later over the earlier; absolute, or relative to
///   `workingDirectory`
/// @param workingDirectory absolute; what relative paths of the command line are relative to
/// @param projectDirectory what relative paths in the files are relative to; default: the first
///   file's directory
/// @param projectName default: `COMPOSE_PROJECT_NAME`, the files' `name:`, the project directory's
///   name
/// @param profiles enabled profiles, `*` for all; default: `COMPOSE_PROFILES`
/// @param environment variables for interpolation and for `KEY` without a value; they win over env
///   files
/// @param envFiles default: `.env` in the project directory, if it is there
/// @param home what `~` stands for; empty: `~` stays
/// @param filesDirectory absolute; where inline configs and environment secrets will lie on the
///   node
/// @param digestKey keys the digests of configs and secrets, so that a digest in a container label
///   gives no secret away; keep it the same or every container with one is replaced
public record ComposeRequest(
    List<String> files,
    String workingDirectory,
    Optional<String> projectDirectory,
    Optional<String> projectName,
    Optional<List<String>> profiles,
    Map<String, String> environment,
    List<String> envFiles,
    Optional<String> home,
    String filesDirectory,
    String digestKey) {

  public static final String DEFAULT_FILES_DIRECTORY = "/run/armory-agent/files";

  public ComposeRequest {
    files = List.copyOf(files);
    profiles = profiles.map(List::copyOf);
    environment = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    envFiles = List.copyOf(envFiles);
    if (!workingDirectory.startsWith("/") || !filesDirectory.startsWith("/")) {
      throw new IllegalArgumentException("directories must be absolute");
    }
  }

  /// The given files, everything else by default.
  public static ComposeRequest of(String workingDirectory, List<String> files) {
    return new ComposeRequest(
        files,
        workingDirectory,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        List.of(),
        Optional.empty(),
        DEFAULT_FILES_DIRECTORY,
        "");
  }

  public ComposeRequest withFiles(List<String> paths) {
    return changed(c -> c.files = paths);
  }

  public ComposeRequest withProjectDirectory(String directory) {
    return changed(c -> c.projectDirectory = Optional.of(directory));
  }

  public ComposeRequest withProjectName(String name) {
    return changed(c -> c.projectName = Optional.of(name));
  }

  public ComposeRequest withProfiles(List<String> enabled) {
    return changed(c -> c.profiles = Optional.of(enabled));
  }

  public ComposeRequest withEnvironment(Map<String, String> variables) {
    return changed(c -> c.environment = variables);
  }

  public ComposeRequest withEnvFiles(List<String> paths) {
    return changed(c -> c.envFiles = paths);
  }

  public ComposeRequest withHome(String directory) {
    return changed(c -> c.home = Optional.of(directory));
  }

  public ComposeRequest withFilesDirectory(String directory) {
    return changed(c -> c.filesDirectory = directory);
  }

  public ComposeRequest withDigestKey(String key) {
    return changed(c -> c.digestKey = key);
  }

  private ComposeRequest changed(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.made();
  }

  private static final class Draft {
    private List<String> files;
    private final String workingDirectory;
    private Optional<String> projectDirectory;
    private Optional<String> projectName;
    private Optional<List<String>> profiles;
    private Map<String, String> environment;
    private List<String> envFiles;
    private Optional<String> home;
    private String filesDirectory;
    private String digestKey;

    Draft(ComposeRequest of) {
      files = of.files;
      workingDirectory = of.workingDirectory;
      projectDirectory = of.projectDirectory;
      projectName = of.projectName;
      profiles = of.profiles;
      environment = of.environment;
      envFiles = of.envFiles;
      home = of.home;
      filesDirectory = of.filesDirectory;
      digestKey = of.digestKey;
    }

    ComposeRequest made() {
      return new ComposeRequest(
          files,
          workingDirectory,
          projectDirectory,
          projectName,
          profiles,
          environment,
          envFiles,
          home,
          filesDirectory,
          digestKey);
    }
  }

  /// Variables may be secrets and stay out.
  @Override
  public String toString() {
    return "ComposeRequest[files=" + files + ", projectName=" + projectName + "]";
  }
}
