package io.armory.agent.compose.print;

import io.armory.agent.compose.source.ByteSize;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Durations;
import io.armory.agent.compose.source.GoNumbers;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import io.armory.agent.compose.source.ScalarCasts;
import io.armory.agent.compose.source.ShellWords;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A node of the tree → the value `config --format json` shows for it: String, Boolean, Number,
/// List, Map. `null`: it is left out.
public interface CanonicalPrinter {
  @Nullable Object encode(Node node, Path path, Diagnostics findings);

  /// One field of an object.
  ///
  /// @param name in the printed model
  /// @param key in the Compose file
  /// @param always printed even when there is nothing: as this value
  record Field(String name, String key, CanonicalPrinter codec, boolean always) {}

  static Field field(String name, CanonicalPrinter codec) {
    return new Field(name, name, codec, false);
  }

  /// Printed even if absent.
  static Field always(String name, CanonicalPrinter codec) {
    return new Field(name, name, codec, true);
  }

  /// An object; fields in this order, which the config hash depends on.
  static CanonicalPrinter object(Field... fields) {
    return (node, path, findings) -> {
      if (!(node instanceof Node.Mapping mapping)) {
        return null;
      }
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      for (Field field : fields) {
        Node value = mapping.get(field.key);
        if (value == null && field.always) {
          value = Node.nothing(mapping.mark());
        }
        Object encoded =
            value == null ? null : field.codec.encode(value, path.child(field.key), findings);
        if (encoded != null || field.always) {
          object.put(field.name, encoded);
        }
      }
      return object;
    };
  }

  /// An object that is printed even if it is absent, as `{}`.
  static CanonicalPrinter embedded(CanonicalPrinter object) {
    return (node, path, findings) ->
        object.encode(
            node instanceof Node.Mapping ? node : Node.mapping(node.mark()), path, findings);
  }

  /// A list; an empty one is left out.
  static CanonicalPrinter list(CanonicalPrinter item) {
    return (node, path, findings) -> {
      if (!(node instanceof Node.Sequence sequence) || sequence.items().isEmpty()) {
        return null;
      }
      List<@Nullable Object> list = new ArrayList<>();
      for (int i = 0; i < sequence.items().size(); i++) {
        list.add(item.encode(sequence.items().get(i), path.item(i), findings));
      }
      return list;
    };
  }

  /// A mapping of the user's keys, sorted; an empty one is left out. A value that is null stays so.
  static CanonicalPrinter map(CanonicalPrinter value) {
    return map(value, null);
  }

  /// @param nothing what a value that is null becomes
  static CanonicalPrinter map(CanonicalPrinter value, @Nullable Object nothing) {
    return (node, path, findings) -> {
      if (!(node instanceof Node.Mapping mapping) || mapping.isEmpty()) {
        return null;
      }
      Map<String, @Nullable Object> map = new TreeMap<>();
      for (String key : mapping.keys()) {
        Node item = mapping.need(key);
        map.put(key, Node.isNull(item) ? nothing : value.encode(item, path.child(key), findings));
      }
      return map;
    };
  }

  CanonicalPrinter STRING =
      (node, path, findings) -> {
        String text = text(node, path, findings);
        return text == null || text.isEmpty() ? null : text;
      };

  /// In a list, empty ones count.
  CanonicalPrinter ITEM =
      (node, path, findings) -> {
        String text = text(node, path, findings);
        return text == null ? "" : text;
      };

  CanonicalPrinter STRINGS = list(ITEM);

  private static @Nullable String text(Node node, Path path, Diagnostics findings) {
    return switch (node instanceof Node.Scalar scalar ? scalar.value() : null) {
      case null -> null;
      case String text -> text;
      case Long number -> number.toString();
      case Object other -> {
        findings.further(node.mark(), path, "must be a string", "write it in quotes");
        yield GoNumbers.value(other);
      }
    };
  }

  /// `false` is left out.
  CanonicalPrinter FLAG =
      (node, path, findings) -> Boolean.TRUE.equals(bool(node, path, findings)) ? true : null;

  /// `false` is printed.
  CanonicalPrinter BOOLEAN = CanonicalPrinter::bool;

  private static @Nullable Boolean bool(Node node, Path path, Diagnostics findings) {
    Object value = node instanceof Node.Scalar scalar ? scalar.value() : null;
    if (value == null || value instanceof Boolean) {
      return (Boolean) value;
    }
    Boolean bool = value instanceof String text ? ScalarCasts.bool(text, findings) : null;
    if (bool == null) {
      findings.further(node.mark(), path, "must be true or false", "write true or false");
    }
    return bool;
  }

  /// 0 is left out.
  CanonicalPrinter INTEGER = notZero(Long.MIN_VALUE, Long.MAX_VALUE);

  /// Not negative; 0 is left out.
  CanonicalPrinter POSITIVE = notZero(0, Long.MAX_VALUE);

  /// Of 16 bits; 0 is left out.
  CanonicalPrinter SHORT = notZero(0, 0xffff);

  /// The lowest 32 bits of a number that is not negative; 0 is left out.
  CanonicalPrinter UNSIGNED =
      (node, path, findings) -> {
        Number value =
            node instanceof Node.Scalar s && s.value() instanceof BigInteger big
                ? Long.valueOf(big.longValue())
                : integer(node, path, findings, 0, Long.MAX_VALUE);
        long low = value == null ? 0 : value.longValue() & 0xffff_ffffL;
        return low == 0 ? null : low;
      };

  /// 0 is printed.
  CanonicalPrinter COUNT =
      (node, path, findings) -> integer(node, path, findings, Long.MIN_VALUE, Long.MAX_VALUE);

  /// Not negative; 0 is printed.
  CanonicalPrinter NATURAL =
      (node, path, findings) -> integer(node, path, findings, 0, Long.MAX_VALUE);

  private static CanonicalPrinter notZero(long least, long most) {
    return (node, path, findings) -> {
      Long number = integer(node, path, findings, least, most);
      return number == null || number == 0 ? null : number;
    };
  }

  /// In the reference, what has more bits wraps around or becomes the least number.
  private static @Nullable Long integer(
      Node node, Path path, Diagnostics findings, long least, long most) {
    Object value = node instanceof Node.Scalar scalar ? scalar.value() : null;
    boolean fits = value instanceof Long whole ? whole <= most : !beyond(value, most);
    if (!fits) {
      findings.further(node.mark(), path, "is too large", "write at most " + most);
      return null;
    }
    Long number =
        switch (value) {
          case null -> null;
          case Long l -> l;
          case Double d -> (long) (double) d;
          case Float f -> (long) (float) f;
          case String s -> least == 0 ? null : parse(s);
          default -> null;
        };
    if (value != null && (number == null || number < least)) {
      findings.further(node.mark(), path, "must be an integer", "write digits only");
      return null;
    }
    return number;
  }

  private static boolean beyond(@Nullable Object value, long most) {
    return value instanceof Number n && n.doubleValue() >= most + 1.0;
  }

  private static @Nullable Long parse(String text) {
    try {
      return ScalarCasts.integer(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /// A 32-bit float; 0 is left out.
  CanonicalPrinter FLOAT =
      (node, path, findings) -> {
        Object value = node instanceof Node.Scalar scalar ? scalar.value() : null;
        if (value == null) {
          return null;
        }
        try {
          float number =
              value instanceof Number n
                  ? n.floatValue()
                  : (float) ScalarCasts.decimal(GoNumbers.value(value));
          if (!Float.isFinite(number)) {
            throw new NumberFormatException("no number of 32 bits");
          }
          return number == 0 ? null : number;
        } catch (NumberFormatException e) {
          findings.further(node.mark(), path, "must be a number", "write digits and a dot");
          return null;
        }
      };

  /// The same in a limit, where the reference takes no number beyond 63 bits.
  CanonicalPrinter CPUS =
      (node, path, findings) -> {
        if (node instanceof Node.Scalar scalar && scalar.value() instanceof BigInteger) {
          findings.further(node.mark(), path, "is too large", "write a number of processors");
          return null;
        }
        return FLOAT.encode(node, path, findings);
      };

  /// A number of bytes, printed as a string; 0 is left out.
  CanonicalPrinter BYTES =
      (node, path, findings) -> {
        Object value = node instanceof Node.Scalar scalar ? scalar.value() : null;
        Long bytes =
            switch (value) {
              case null -> null;
              case Long l -> l;
              case String s -> ByteSize.parse(s);
              default -> null;
            };
        if (value instanceof Double || value instanceof Float) {
          findings.warn(path + ": a fraction of bytes is ignored; write a whole number");
        } else if (value instanceof Node.Timestamp) {
          // As the reference: no limit, and no word of it.
          findings.warn(path + ": a date is no number of bytes and is ignored; write 512m");
        } else if (value instanceof BigInteger) {
          // In the reference there is no limit then, and no word of it.
          findings.further(node.mark(), path, "is too large", "write at most " + Long.MAX_VALUE);
        } else if (value != null && bytes == null) {
          findings.further(
              node.mark(),
              path,
              "is not a number of bytes",
              "write a whole number with b, k, m, g or t: 512m");
        }
        return bytes == null || bytes == 0 ? null : bytes.toString();
      };

  /// 0 is printed.
  CanonicalPrinter DURATION =
      (node, path, findings) -> {
        Duration duration = duration(node, path, findings);
        return duration == null ? null : Durations.print(duration);
      };

  /// 0 is left out.
  CanonicalPrinter SPAN =
      (node, path, findings) -> {
        Duration duration = duration(node, path, findings);
        return duration == null || duration.isZero() ? null : Durations.print(duration);
      };

  private static @Nullable Duration duration(Node node, Path path, Diagnostics findings) {
    if (!(node instanceof Node.Scalar scalar) || scalar.value() == null) {
      return null;
    }
    Duration duration = Durations.parse(GoNumbers.value(scalar.value()));
    if (duration == null) {
      findings.further(
          node.mark(),
          path,
          "is not a duration",
          "write it with ns, us, ms, s, m, h, d or w: 1m30s");
    }
    return duration;
  }

  /// `KEY=value` lines or a mapping; a key without a value has none.
  CanonicalPrinter VARIABLES = (node, path, findings) -> pairs(node, null);

  /// `KEY=value` lines or a mapping; a key without a value has the empty one.
  CanonicalPrinter LABELS = (node, path, findings) -> pairs(node, "");

  private static @Nullable Object pairs(Node node, @Nullable String none) {
    Map<String, @Nullable Object> map = new TreeMap<>();
    if (node instanceof Node.Mapping mapping) {
      for (String key : mapping.keys()) {
        Object value = mapping.need(key) instanceof Node.Scalar s ? s.value() : null;
        map.put(key, value == null ? none : GoNumbers.value(value));
      }
    } else if (node instanceof Node.Sequence sequence) {
      for (Node item : sequence.items()) {
        String line = item instanceof Node.Scalar s ? GoNumbers.value(s.value()) : "";
        int equals = line.indexOf('=');
        map.put(
            equals < 0 ? line : line.substring(0, equals),
            equals < 0 ? none : line.substring(equals + 1));
      }
    }
    return map.isEmpty() ? null : map;
  }

  /// A command line or a list of words; `null` is printed, so is `[]`.
  CanonicalPrinter COMMAND =
      (node, path, findings) -> {
        if (node instanceof Node.Sequence sequence) {
          return sequence.items().isEmpty() ? List.of() : STRINGS.encode(node, path, findings);
        }
        String line = Node.text(node);
        if (line == null) {
          return null;
        }
        try {
          return ShellWords.split(line);
        } catch (IllegalArgumentException e) {
          findings.further(
              node.mark(), path, String.valueOf(e.getMessage()), "write it as a list of words");
          return null;
        }
      };
}
