package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Revision;
import java.util.List;

/// What came of rendering.
public sealed interface RenderResult {

  record Rendered(Revision revision) implements RenderResult {}

  /// @param problems all that were found, at least one; nothing running may be touched
  record Rejected(List<Problem> problems) implements RenderResult {
    public Rejected {
      problems = List.copyOf(problems);
    }
  }
}
