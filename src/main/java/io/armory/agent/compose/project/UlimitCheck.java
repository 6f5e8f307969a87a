package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Limits are integers; the specification lets numbers and text through that no limit can be made
/// of.
final class UlimitCheck {
  private final Diagnostics findings;

  UlimitCheck(Diagnostics findings) {
    this.findings = findings;
  }

  /// @param parent a service or its build
  void check(Node.Mapping parent, Path path) {
    if (!(parent.get("ulimits") instanceof Node.Mapping ulimits)) {
      return;
    }
    for (String name : ulimits.keys()) {
      Path at = path.child("ulimits").child(name);
      if (ulimits.get(name) instanceof Node.Mapping pair) {
        List.of("soft", "hard").forEach(key -> ulimit(pair.get(key), at.child(key)));
      } else {
        ulimit(ulimits.get(name), at);
      }
    }
  }

  private void ulimit(@Nullable Node limit, Path path) {
    if (limit != null && !(limit instanceof Node.Scalar s && s.value() instanceof Long)) {
      findings.further(limit.mark(), path, "must be an integer", "write digits only");
    }
  }
}
