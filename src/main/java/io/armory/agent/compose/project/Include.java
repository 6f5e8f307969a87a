package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One item of `include`.
///
/// @param paths the main file and its overrides, at least one
/// @param envFiles empty: `.env` beside the main file
record Include(
    Location mark, List<String> paths, Optional<String> projectDirectory, List<String> envFiles) {

  /// Empty if the item is malformed, which the structure check has said.
  static Optional<Include> of(Node item) {
    String single = Node.text(item);
    if (single != null) {
      return Optional.of(new Include(item.mark(), List.of(single), Optional.empty(), List.of()));
    }
    if (!(item instanceof Node.Mapping mapping)) {
      return Optional.empty();
    }
    List<String> paths = strings(mapping.get("path"));
    return paths.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Include(
                item.mark(),
                paths,
                Optional.ofNullable(Node.text(mapping.get("project_directory")))
                    .filter(d -> !d.isEmpty()),
                strings(mapping.get("env_file"))));
  }

  private static List<String> strings(@Nullable Node node) {
    List<String> strings = new ArrayList<>();
    List<Node> items =
        node instanceof Node.Sequence s ? s.items() : node == null ? List.of() : List.of(node);
    for (Node item : items) {
      String text = Node.text(item);
      if (text != null) {
        strings.add(text);
      }
    }
    return strings;
  }

  static boolean isRemote(String path) {
    return path.contains("://") || path.startsWith("git@") || path.startsWith("oci:");
  }
}
