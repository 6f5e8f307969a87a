package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.List;

/// What any engine would refuse of Compose files that are given by hand.
///
/// @param problems each with its line
/// @param warnings what another engine may take
public record FileChecks(List<Problem> problems, List<String> warnings) {

  /// @param paths of the files the stack was loaded from
  public static FileChecks of(Stack stack, List<String> paths, SourceFiles files) {
    var texts = SourceText.read(paths, files, new ArrayList<>());
    var checks = StackChecks.ofFiles(stack, texts);
    return new FileChecks(checks.problems(), checks.warnings());
  }
}
