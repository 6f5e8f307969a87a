package io.armory.agent.compose.schema;

import io.armory.agent.compose.print.Json;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.KeyHint;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.Plain;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Holds a tree against a [Shape] and says everything that is wrong, each with its place.
public final class StructureCheck {
  private final Diagnostics findings;

  public StructureCheck(Diagnostics findings) {
    this.findings = findings;
  }

  public void check(Node node, Shape shape, Path path) {
    switch (node) {
      case Node.Mapping mapping -> {
        if (shape.kinds().contains(Shape.Kind.MAPPING)) {
          mapping(mapping, shape, path);
        } else {
          wrongKind(node, shape, path);
        }
      }
      case Node.Sequence sequence -> {
        if (shape.kinds().contains(Shape.Kind.LIST)) {
          list(sequence, shape, path);
        } else {
          wrongKind(node, shape, path);
        }
      }
      case Node.Scalar scalar -> scalar(scalar, shape, path);
    }
  }

  private void wrongKind(Node node, Shape shape, Path path) {
    String wanted =
        shape.kinds().stream()
            .map(Shape.Kind::words)
            .distinct()
            .collect(Collectors.joining(" or "));
    String found =
        switch (node) {
          case Node.Mapping _ -> "a mapping";
          case Node.Sequence _ -> "a list";
          case Node.Scalar s -> kind(s.value()).words();
        };
    String advice =
        shape.kinds().contains(Shape.Kind.STRING) && node instanceof Node.Scalar
            ? Node.isNull(node) ? "give it a value or remove the key" : "write it in quotes"
            : "write it as " + wanted;
    findings.problem(node.mark(), path, "must be " + wanted + ", not " + found, advice);
  }

  private static Shape.Kind kind(@Nullable Object value) {
    return switch (value) {
      case null -> Shape.Kind.NULL;
      case Boolean _ -> Shape.Kind.BOOLEAN;
      case Long _, BigInteger _ -> Shape.Kind.INTEGER;
      case Double d -> d % 1 == 0 ? Shape.Kind.INTEGER : Shape.Kind.NUMBER;
      case Float f -> f % 1 == 0 ? Shape.Kind.INTEGER : Shape.Kind.NUMBER;
      default -> Shape.Kind.STRING;
    };
  }

  /// Numbers that JSON has no word for are refused wherever they stand, in extensions too.
  public void finite(Node node, Path path) {
    switch (node) {
      case Node.Mapping mapping ->
          mapping.keys().forEach(key -> finite(mapping.need(key), path.child(key)));
      case Node.Sequence sequence -> {
        for (int i = 0; i < sequence.items().size(); i++) {
          finite(sequence.items().get(i), path.item(i));
        }
      }
      case Node.Scalar scalar -> {
        if (!isFinite(scalar)) {
          findings.further(node.mark(), path, "is not a finite number", "write it in quotes");
        }
      }
    }
  }

  private static boolean isFinite(Node.Scalar scalar) {
    return switch (scalar.value()) {
      case Double d -> Double.isFinite(d);
      case Float f -> Float.isFinite(f);
      case null, default -> true;
    };
  }

  private void scalar(Node.Scalar scalar, Shape shape, Path path) {
    Shape.Kind kind = kind(scalar.value());
    Set<Shape.Kind> kinds = shape.kinds();
    boolean fits =
        kinds.contains(kind) || (kind == Shape.Kind.INTEGER && kinds.contains(Shape.Kind.NUMBER));
    if (!fits || !isFinite(scalar)) {
      wrongKind(scalar, shape, path);
    } else if (scalar.value() instanceof Node.Timestamp && !isInclude(path)) {
      findings.problem(scalar.mark(), path, "is a date, not text", "write it in quotes");
    } else if (scalar.value() instanceof String text && !shape.words().isEmpty()) {
      if (!shape.words().contains(text)) {
        findings.problem(
            scalar.mark(),
            path,
            "'" + text + "' is none of " + String.join(", ", shape.words()),
            KeyHint.among(text, shape.words(), "use one of these", findings));
      }
    } else if (scalar.value() instanceof String text && !shape.matches(text)) {
      findings.problem(
          scalar.mark(), path, "'" + text + "' is not a valid name here", shape.advice());
    } else if (scalar.value() instanceof Number number && !shape.contains(number)) {
      findings.problem(scalar.mark(), path, "is out of bounds", "choose " + shape.bounds());
    }
  }

  /// The reference reads a date in the place of an include as one of nothing.
  private static boolean isInclude(Path path) {
    return path.toString().matches("include\\[[0-9]+\\]");
  }

  private void list(Node.Sequence sequence, Shape shape, Path path) {
    List<Node> items = sequence.items();
    Shape item = shape.items();
    for (int i = 0; i < items.size() && item != null; i++) {
      check(items.get(i), item, path.item(i));
    }
    if (shape.isUnique()) {
      unique(items, path);
    }
  }

  private void unique(List<Node> items, Path path) {
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < items.size(); i++) {
      Object value = Plain.value(items.get(i));
      // 80 and 80.0 are the same number.
      Integer first = value == null ? null : seen.putIfAbsent(Json.compact(value), i);
      if (first == null && value instanceof Long) {
        // To the reference, a number is the same as such a text before it, but not the reverse.
        first = seen.get(Json.compact(value.toString()));
      }
      if (first != null) {
        findings.problem(
            items.get(i).mark(),
            path.item(i),
            "is the same as item " + (first + 1) + " of the list",
            "remove one of the two");
      }
    }
  }

  private void mapping(Node.Mapping mapping, Shape shape, Path path) {
    for (String key : mapping.keys()) {
      Shape field = shape.fields().get(key);
      Shape.Keys keys = shape.keys();
      Node value = mapping.need(key);
      if (field != null) {
        check(value, field, path.child(key));
      } else if (keys != null && keys.pattern().matcher(key).matches()) {
        check(value, keys.value(), path.child(key));
      } else if (shape.closed() && (keys != null || !key.startsWith("x-"))) {
        unknown(mapping, key, shape, path);
      }
    }
    for (String key : shape.required()) {
      if (!mapping.has(key)) {
        findings.problem(mapping.mark(), path, "'" + key + "' is missing", "add " + key + ":");
      }
    }
  }

  private void unknown(Node.Mapping mapping, String key, Shape shape, Path path) {
    if (findings.full()) {
      return;
    }
    if (shape.keys() != null) {
      findings.problem(
          mapping.keyMark(key),
          path.child(key),
          "'" + key + "' is not a valid name here",
          "use letters, digits, '.', '_' and '-' only");
    } else {
      findings.problem(
          mapping.keyMark(key),
          path.child(key),
          "unknown key '" + key + "'",
          KeyHint.forKey(key, shape.fields().keySet(), findings));
    }
  }
}
