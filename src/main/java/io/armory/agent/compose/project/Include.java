package io.armory.agent.compose.project;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
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
  private static final String DIRECTORY = "project_directory";
  private static final List<String> FIELDS = List.of("path", "env_file", DIRECTORY);

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
                Optional.ofNullable(Node.text(mapping.get(DIRECTORY))).filter(d -> !d.isEmpty()),
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

  /// As in the reference (mapstructure): what is no field of an include has no effect, nor has a
  /// field or an item without a value; one may be written in capitals, unless it is there in small
  /// letters, too; and an integer is a name.
  static void dropUnknown(Node includes, Path path, Diagnostics findings) {
    List<Node> items = includes instanceof Node.Sequence list ? list.items() : new ArrayList<>();
    items.removeIf(Node::isNull);
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Node.Mapping include) {
        FIELDS.forEach(field -> inSmallLetters(include, field));
        for (String key : List.copyOf(include.keys())) {
          boolean known = FIELDS.contains(key);
          if (!known && !key.startsWith("x-")) {
            findings.warn(path.item(i).child(key) + " has no effect: it is no field of an include");
          }
          if (!known || Node.isNull(include.get(key))) {
            include.remove(key);
          }
        }
      }
    }
  }

  private static void inSmallLetters(Node.Mapping include, String field) {
    if (!include.has(field)) {
      include.keys().stream()
          .filter(field::equalsIgnoreCase)
          .findFirst()
          .ifPresent(key -> {
            Location mark = include.keyMark(key);
            Node value = include.need(key);
            include.remove(key);
            include.put(field, value, mark);
          });
    }
    if (field.equals(DIRECTORY)
        && include.get(field) instanceof Node.Scalar(Long number, Location mark)) {
      include.put(field, new Node.Scalar(number.toString(), mark), include.keyMark(field));
    }
  }

  static boolean isRemote(String path) {
    return path.contains("://") || path.startsWith("git@") || path.startsWith("oci:");
  }
}
