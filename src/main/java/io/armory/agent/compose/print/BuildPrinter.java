package io.armory.agent.compose.print;

import static io.armory.agent.compose.print.CanonicalPrinter.BYTES;
import static io.armory.agent.compose.print.CanonicalPrinter.FLAG;
import static io.armory.agent.compose.print.CanonicalPrinter.LABELS;
import static io.armory.agent.compose.print.CanonicalPrinter.STRING;
import static io.armory.agent.compose.print.CanonicalPrinter.STRINGS;
import static io.armory.agent.compose.print.CanonicalPrinter.VARIABLES;
import static io.armory.agent.compose.print.CanonicalPrinter.field;
import static io.armory.agent.compose.print.CanonicalPrinter.map;
import static io.armory.agent.compose.print.CanonicalPrinter.object;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import org.jspecify.annotations.Nullable;

/// The printed form of a service's `build`, see [ServicePrinter].
final class BuildPrinter {
  static final CanonicalPrinter BUILD =
      object(
          field("context", STRING),
          field("dockerfile", STRING),
          field("dockerfile_inline", STRING),
          field("entitlements", STRINGS),
          field("args", VARIABLES),
          field("ssh", BuildPrinter::ssh),
          field("labels", LABELS),
          field("cache_from", STRINGS),
          field("cache_to", STRINGS),
          field("no_cache", FLAG),
          field("additional_contexts", LABELS),
          field("pull", FLAG),
          field("extra_hosts", Hosts::encode),
          field("isolation", STRING),
          field("network", STRING),
          field("target", STRING),
          field("secrets", ServicePrinter.FILE_MOUNTS),
          field("shm_size", BYTES),
          field("tags", STRINGS),
          field("ulimits", map(ServicePrinter::ulimit)),
          field("platforms", STRINGS),
          field("privileged", FLAG));

  private BuildPrinter() {}

  /// As the reference prints it: a list of `ID` or `ID=PATH`.
  private static @Nullable Object ssh(Node node, Path path, Diagnostics findings) {
    if (!(node instanceof Node.Mapping keys)) {
      return LABELS.encode(node, path, findings);
    }
    return keys.keys().stream()
        .map(key -> {
          String file = Node.text(keys.get(key));
          return file == null || file.isEmpty() ? key : key + "=" + file;
        })
        .toList();
  }
}
