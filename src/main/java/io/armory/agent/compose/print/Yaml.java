package io.armory.agent.compose.print;

import io.armory.agent.compose.source.GoNumbers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// YAML that every parser reads alike: block style, and text in quotes unless it is a plain word.
/// Dollars in values are doubled, so that reading it as a Compose file gives the values back.
public final class Yaml {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./-]*");
  private static final Pattern WORD =
      Pattern.compile("(?i)y|n|yes|no|on|off|true|false|null|\\.inf|\\.nan");

  /// What JSON leaves as it is: a line break in YAML, or no character that a file may hold.
  private static final Pattern CONTROLS = Pattern.compile("[\\u007f-\\u009f\\ufffe\\uffff]");

  private final StringBuilder out = new StringBuilder();

  private Yaml() {}

  public static String print(Map<String, @Nullable Object> document) {
    Yaml yaml = new Yaml();
    yaml.map(document, 0);
    return yaml.out.toString();
  }

  private void map(Map<?, ?> map, int depth) {
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.repeat(' ', depth * 2);
      text(Objects.toString(entry.getKey()));
      out.append(':');
      below(entry.getValue(), depth + 1);
    }
  }

  /// What follows a key or a dash.
  private void below(@Nullable Object value, int depth) {
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> {
        out.append('\n');
        map(map, depth);
      }
      case List<?> list when !list.isEmpty() -> {
        out.append('\n');
        list(list, depth);
      }
      case null -> out.append(" null\n");
      case Map<?, ?> _ -> out.append(" {}\n");
      case List<?> _ -> out.append(" []\n");
      case Number number -> out.append(' ').append(GoNumbers.json(number)).append('\n');
      case Boolean bool -> out.append(' ').append(bool).append('\n');
      default -> {
        out.append(' ');
        text(Objects.toString(value).replace("$", "$$"));
        out.append('\n');
      }
    }
  }

  private void list(List<?> list, int depth) {
    for (Object item : list) {
      out.repeat(' ', depth * 2).append('-');
      if (item instanceof Map<?, ?> map && !map.isEmpty()) {
        int start = out.length();
        map(map, depth + 1);
        // The first key goes on the line of the dash.
        out.delete(start, start + (depth + 1) * 2).insert(start, ' ');
      } else {
        below(item, depth + 1);
      }
    }
  }

  private void text(String text) {
    if (PLAIN.matcher(text).matches() && !WORD.matcher(text).matches()) {
      out.append(text);
    } else {
      StringBuilder quoted = new StringBuilder();
      Json.quote(text, quoted);
      out.append(
          CONTROLS
              .matcher(quoted)
              .replaceAll(m -> "\\\\u%04x".formatted((int) m.group().charAt(0))));
    }
  }
}
