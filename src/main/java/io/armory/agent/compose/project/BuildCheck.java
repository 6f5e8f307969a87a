package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.KeyHint;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.List;
import java.util.Map;

/// Whether a `build` beside an image fits together; it is printed and never carried out.
final class BuildCheck {
  private static final String SERVICE = "service:";

  private final Map<String, Node.Mapping> services;
  private final Diagnostics findings;

  /// @param services enabled ones
  BuildCheck(Map<String, Node.Mapping> services, Diagnostics findings) {
    this.services = services;
    this.findings = findings;
  }

  void check(Node.Mapping service, Path path) {
    if (!(service.get("build") instanceof Node.Mapping build)) {
      return;
    }
    Path at = path.child("build");
    String inline = Node.text(build.get("dockerfile_inline"));
    if (build.has("dockerfile") && inline != null && !inline.isEmpty()) {
      findings.problem(
          build.keyMark("dockerfile_inline"),
          at.child("dockerfile_inline"),
          "dockerfile and dockerfile_inline exclude each other",
          "remove one of the two");
    }
    platform(service, build, at);
    if (build.get("additional_contexts") instanceof Node.Mapping contexts) {
      contexts.keys().forEach(key -> context(contexts, key, at.child("additional_contexts")));
    }
  }

  private void platform(Node.Mapping service, Node.Mapping build, Path path) {
    String own = Node.text(service.get("platform"));
    if (own != null
        && !own.isEmpty()
        && build.get("platforms") instanceof Node.Sequence platforms
        && !platforms.items().isEmpty()
        && !platforms.items().stream().map(Node::text).toList().contains(own)) {
      findings.problem(
          platforms.mark(),
          path.child("platforms"),
          "lacks the service's own platform " + own,
          "add it");
    }
  }

  private void context(Node.Mapping contexts, String key, Path path) {
    String context = Node.text(contexts.get(key));
    if (context == null || !context.startsWith(SERVICE)) {
      return;
    }
    String name = context.substring(SERVICE.length());
    Node.Mapping target = services.get(name);
    if (target == null || !target.has("build")) {
      findings.problem(
          contexts.keyMark(key),
          path.child(key),
          target == null
              ? "refers to the undefined service '" + name + "'"
              : "refers to service '" + name + "', which is not built",
          KeyHint.among(
              name,
              target == null ? services.keySet() : List.of(),
              "name a service with build:",
              findings));
    }
  }
}
