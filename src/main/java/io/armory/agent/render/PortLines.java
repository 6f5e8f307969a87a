package io.armory.agent.render;

import io.armory.agent.domain.Problem;
import java.util.List;

/// Finds the line that publishes a service, for people to go to. The files are read as text: what
/// counts was decided on the loaded stack.
final class PortLines {
  private PortLines() {}

  /// @param texts in the order they are merged
  static Problem problem(List<SourceText> texts, ExposurePolicy.Violation violation) {
    return new Problem(
        where(texts, violation),
        violation.what(),
        "publish it on a private address, such as ${NODE_PRIVATE_IP}, or list "
            + violation.service()
            + " under expose: in agent.yaml");
  }

  private static String where(List<SourceText> texts, ExposurePolicy.Violation violation) {
    var key = violation.port().isEmpty() ? "network_mode" : "ports";
    var port = violation.port().replaceAll("^.*:", "").replaceAll("/.*$", "");
    var otherwise = "services." + violation.service() + "." + key;
    return Lines.find(texts, violation.service(), key, port, otherwise).where();
  }
}
