package io.armory.agent.compose.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Nodes as plain maps, lists and scalars.
public final class Plain {
  private Plain() {}

  /// The `x-` keys of a mapping.
  public static Map<String, @Nullable Object> extensions(Node.Mapping mapping) {
    Map<String, @Nullable Object> extensions = new TreeMap<>();
    for (String key : mapping.keys()) {
      if (key.startsWith("x-") && !key.equals(EnvironmentValues.VALUE)) {
        extensions.put(key, value(mapping.need(key)));
      }
    }
    return extensions;
  }

  public static @Nullable Object value(Node node) {
    return switch (node) {
      case Node.Scalar scalar ->
          scalar.value() instanceof Node.Timestamp t ? t.iso() : scalar.value();
      // As in the reference, nothing is left of an empty list.
      case Node.Sequence sequence when sequence.items().isEmpty() -> null;
      case Node.Sequence sequence -> {
        List<@Nullable Object> list = new ArrayList<>();
        sequence.items().forEach(item -> list.add(value(item)));
        yield list;
      }
      case Node.Mapping mapping -> {
        Map<String, @Nullable Object> map = new TreeMap<>();
        mapping.keys().forEach(key -> map.put(key, value(mapping.need(key))));
        yield map;
      }
    };
  }
}
