package io.armory.agent.view;

import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes one JSON text. Small on purpose: the health answers must not wait for a mapper to start.
public final class Json {
  private final StringBuilder out = new StringBuilder(1024);
  private boolean first = true;

  /// One object, filled by `content`.
  public static String object(Consumer<Json> content) {
    var json = new Json();
    json.braces('{', '}', content);
    return json.out.toString();
  }

  /// One array of objects.
  public static <T> String array(Iterable<T> items, Element<T> element) {
    var json = new Json();
    json.items(items, element);
    return json.out.toString();
  }

  /// Fills an array's object from an item.
  @FunctionalInterface
  public interface Element<T> {
    void write(Json json, T item);
  }

  public Json field(String name, @Nullable String value) {
    key(name);
    if (value == null) {
      out.append("null");
    } else {
      quote(value);
    }
    return this;
  }

  public Json field(String name, boolean value) {
    key(name);
    out.append(value);
    return this;
  }

  public Json field(String name, long value) {
    key(name);
    out.append(value);
    return this;
  }

  /// With one decimal; what is no number is null.
  public Json field(String name, double value) {
    key(name);
    if (Double.isFinite(value)) {
      out.append(Math.round(value * 10) / 10.0);
    } else {
      out.append("null");
    }
    return this;
  }

  public Json field(String name, @Nullable Instant value) {
    return field(name, value == null ? null : value.toString());
  }

  public Json object(String name, Consumer<Json> content) {
    key(name);
    braces('{', '}', content);
    return this;
  }

  public Json strings(String name, Iterable<String> values) {
    return list(name, values, this::quote);
  }

  public Json numbers(String name, Iterable<Integer> values) {
    return list(name, values, value -> out.append(value));
  }

  private <T> Json list(String name, Iterable<T> values, Consumer<T> write) {
    key(name);
    list(values, write);
    return this;
  }

  private <T> void list(Iterable<T> values, Consumer<T> write) {
    braces(
        '[',
        ']',
        _ -> {
          for (var value : values) {
            comma();
            write.accept(value);
          }
        });
  }

  public <T> Json objects(String name, Iterable<T> values, Element<T> element) {
    key(name);
    items(values, element);
    return this;
  }

  private <T> void items(Iterable<T> values, Element<T> element) {
    list(values, value -> braces('{', '}', inner -> element.write(inner, value)));
  }

  private void braces(char open, char close, Consumer<Json> content) {
    out.append(open);
    first = true;
    content.accept(this);
    out.append(close);
    first = false;
  }

  private void key(String name) {
    comma();
    quote(name);
    out.append(':');
  }

  private void comma() {
    if (!first) {
      out.append(',');
    }
    first = false;
  }

  private void quote(String text) {
    out.append('"');
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f || (Character.isSurrogate(c) && !paired(text, i))) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /// A lone half of a surrogate pair has no UTF-8 form.
  private static boolean paired(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }
}
