package io.armory.agent.compose.source;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Typed access to a printed object. What is absent is `null`, empty or false.
public record Fields(Map<?, ?> map) {
  public static Fields of(@Nullable Object object) {
    return new Fields(object instanceof Map<?, ?> map ? map : Map.of());
  }

  public boolean has(String key) {
    return map.get(key) != null;
  }

  public Fields object(String key) {
    return of(map.get(key));
  }

  public @Nullable String text(String key) {
    return map.get(key) instanceof String text ? text : null;
  }

  public String text(String key, String otherwise) {
    String text = text(key);
    return text == null ? otherwise : text;
  }

  public boolean flag(String key) {
    return Boolean.TRUE.equals(map.get(key));
  }

  public @Nullable Boolean optionalFlag(String key) {
    return map.get(key) instanceof Boolean flag ? flag : null;
  }

  /// A number, or a string of digits as byte counts are.
  public @Nullable Long number(String key) {
    return switch (map.get(key)) {
      case Number number -> number.longValue();
      case String text -> Long.valueOf(text);
      case null, default -> null;
    };
  }

  public @Nullable Integer integer(String key) {
    Long number = number(key);
    return number == null
        ? null
        : Math.toIntExact(Math.clamp(number, Integer.MIN_VALUE, Integer.MAX_VALUE));
  }

  /// A file mode, printed as octal text.
  public @Nullable Integer mode(String key) {
    String octal = text(key);
    return octal == null ? integer(key) : Integer.valueOf((int) Long.parseLong(octal, 8));
  }

  public @Nullable Double decimal(String key) {
    return map.get(key) instanceof Number number ? Double.valueOf(GoNumbers.json(number)) : null;
  }

  public @Nullable Duration duration(String key) {
    String text = text(key);
    return text == null ? null : Durations.parse(text);
  }

  public List<String> texts(String key) {
    List<String> texts = optionalTexts(key);
    return texts == null ? List.of() : texts;
  }

  /// Tells an empty list from none.
  public @Nullable List<String> optionalTexts(String key) {
    if (!(map.get(key) instanceof List<?> list)) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(String.valueOf(item)));
    return texts;
  }

  public List<Fields> objects(String key) {
    List<Fields> objects = new ArrayList<>();
    if (map.get(key) instanceof List<?> list) {
      list.forEach(item -> objects.add(of(item)));
    }
    return objects;
  }

  /// The user's keys and their values, in the order of keys.
  public Map<String, Fields> entries(String key) {
    Map<String, Fields> entries = new LinkedHashMap<>();
    if (map.get(key) instanceof Map<?, ?> all) {
      all.forEach((k, v) -> entries.put(String.valueOf(k), of(v)));
    }
    return entries;
  }

  public Map<String, @Nullable String> variables(String key) {
    Map<String, @Nullable String> variables = new LinkedHashMap<>();
    if (map.get(key) instanceof Map<?, ?> all) {
      all.forEach((k, v) -> variables.put(String.valueOf(k), v == null ? null : v.toString()));
    }
    return variables;
  }

  public Map<String, String> labels(String key) {
    Map<String, String> labels = new LinkedHashMap<>();
    variables(key).forEach((k, v) -> labels.put(k, v == null ? "" : v));
    return labels;
  }
}
