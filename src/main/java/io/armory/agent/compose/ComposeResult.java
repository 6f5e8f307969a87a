package io.armory.agent.compose;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.stack.Stack;
import java.util.List;

/// What came of loading a Compose project.
public sealed interface ComposeResult {

  /// Things that work but should be changed, one line each.
  List<String> warnings();

  /// @param stack what the engine shall be made to run
  /// @param model the canonical model, to print it
  /// @param files inline configs and environment secrets, to be put in place before the containers
  ///   that mount them are created
  /// @param workingDirectory the project directory, for the label
  ///   `com.docker.compose.project.working_dir`
  /// @param configFiles absolute, for the label `com.docker.compose.project.config_files`
  record Loaded(
      Stack stack,
      ComposeModel model,
      List<RenderedFile> files,
      String workingDirectory,
      List<String> configFiles,
      List<String> warnings)
      implements ComposeResult {
    public Loaded {
      files = List.copyOf(files);
      configFiles = List.copyOf(configFiles);
      warnings = List.copyOf(warnings);
    }

    /// The stack's environment and the model may hold secrets.
    @Override
    public String toString() {
      return "Loaded[" + stack.project() + ", services=" + stack.services().keySet() + "]";
    }
  }

  /// @param problems all that were found, at least one; by file and line
  record Rejected(List<Problem> problems, List<String> warnings) implements ComposeResult {
    public Rejected {
      problems = List.copyOf(problems);
      warnings = List.copyOf(warnings);
    }
  }
}
