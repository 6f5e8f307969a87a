package io.armory.agent.compose.print;

import io.armory.agent.compose.source.GoNumbers;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// JSON as Go writes it: the same escapes and numbers, so that hashes of it agree.
public final class Json {
  private final StringBuilder out = new StringBuilder();
  private final boolean indented;

  private Json(boolean indented) {
    this.indented = indented;
  }

  public static String compact(@Nullable Object value) {
    Json json = new Json(false);
    json.value(value, 0);
    return json.out.toString();
  }

  /// Two spaces a level.
  public static String pretty(@Nullable Object value) {
    Json json = new Json(true);
    json.value(value, 0);
    return json.out.toString();
  }

  private void value(@Nullable Object value, int depth) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> map(map, depth);
      case List<?> list -> list(list, depth);
      case Number number -> out.append(GoNumbers.json(number));
      case Boolean bool -> out.append(bool);
      default -> text(Objects.toString(value));
    }
  }

  private void map(Map<?, ?> map, int depth) {
    boolean first = true;
    out.append('{');
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      next(first, depth + 1);
      first = false;
      text(Objects.toString(entry.getKey()));
      out.append(indented ? ": " : ":");
      value(entry.getValue(), depth + 1);
    }
    close('}', map.keySet(), depth);
  }

  private void list(List<?> list, int depth) {
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      next(i == 0, depth + 1);
      value(list.get(i), depth + 1);
    }
    close(']', list, depth);
  }

  private void next(boolean first, int depth) {
    if (!first) {
      out.append(',');
    }
    line(depth);
  }

  private void close(char bracket, Collection<?> content, int depth) {
    if (!content.isEmpty()) {
      line(depth);
    }
    out.append(bracket);
  }

  private void line(int depth) {
    if (indented) {
      out.append('\n').repeat(' ', depth * 2);
    }
  }

  private void text(String text) {
    quote(text, out);
  }

  static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
