package io.armory.agent.domain.report;

import io.armory.agent.domain.Problem;
import java.util.List;

/// What came of importing an old installation.
///
/// @param written false for a rehearsal, or when something was in the way
/// @param stacks those found, each with whether its stack can be rendered
public record ImportReport(
    String directory,
    boolean written,
    List<Target> targets,
    List<Finding> findings,
    List<Trial> stacks) {

  public ImportReport {
    targets = List.copyOf(targets);
    findings = List.copyOf(findings);
    stacks = List.copyOf(stacks);
  }

  public enum State {
    NEW,
    UNCHANGED,
    /// Another file is there, and it was to be replaced.
    REPLACED,
    /// Another file is there: nothing is written.
    IN_THE_WAY
  }

  /// @param path absolute
  /// @param from the old file
  public record Target(String path, State state, String from) {}

  /// @param role empty: the installation does not say
  /// @param services how many the role has; 0 if it cannot be rendered
  /// @param problems why it cannot be rendered
  public record Trial(String stack, String role, int services, List<Problem> problems) {
    public Trial {
      problems = List.copyOf(problems);
    }
  }

  public boolean isBlocked() {
    return targets.stream().anyMatch(t -> t.state() == State.IN_THE_WAY);
  }

  /// Everything was carried over or is not needed, and what came of it is good.
  public boolean isComplete() {
    return !isBlocked()
        && findings.stream().noneMatch(f -> f.kind() == Finding.Kind.TODO)
        && stacks.stream().allMatch(s -> s.problems().isEmpty());
  }
}
