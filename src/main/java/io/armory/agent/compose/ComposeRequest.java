package io.armory.agent.compose;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    return new ComposeRequest(
        paths,
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

  public ComposeRequest withProjectDirectory(String directory) {
    return new ComposeRequest(
        files,
        workingDirectory,
        Optional.of(directory),
        projectName,
        profiles,
        environment,
        envFiles,
        home,
        filesDirectory,
        digestKey);
  }

  public ComposeRequest withProjectName(String name) {
    return new ComposeRequest(
        files,
        workingDirectory,
        projectDirectory,
        Optional.of(name),
        profiles,
        environment,
        envFiles,
        home,
        filesDirectory,
        digestKey);
  }

  public ComposeRequest withProfiles(List<String> enabled) {
    return new ComposeRequest(
        files,
        workingDirectory,
        projectDirectory,
        projectName,
        Optional.of(enabled),
        environment,
        envFiles,
        home,
        filesDirectory,
        digestKey);
  }

  public ComposeRequest withEnvironment(Map<String, String> variables) {
    return new ComposeRequest(
        files,
        workingDirectory,
        projectDirectory,
        projectName,
        profiles,
        variables,
        envFiles,
        home,
        filesDirectory,
        digestKey);
  }

  public ComposeRequest withEnvFiles(List<String> paths) {
    return new ComposeRequest(
        files,
        workingDirectory,
        projectDirectory,
        projectName,
        profiles,
        environment,
        paths,
        home,
        filesDirectory,
        digestKey);
  }

  public ComposeRequest withHome(String directory) {
    return new ComposeRequest(
        files,
        workingDirectory,
        projectDirectory,
        projectName,
        profiles,
        environment,
        envFiles,
        Optional.of(directory),
        filesDirectory,
        digestKey);
  }

  public ComposeRequest withFilesDirectory(String directory) {
    return new ComposeRequest(
        files,
        workingDirectory,
        projectDirectory,
        projectName,
        profiles,
        environment,
        envFiles,
        home,
        directory,
        digestKey);
  }

  public ComposeRequest withDigestKey(String key) {
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
        key);
  }

  /// Variables may be secrets and stay out.
  @Override
  public String toString() {
    return "ComposeRequest[files=" + files + ", projectName=" + projectName + "]";
  }
}
