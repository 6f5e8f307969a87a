package io.armory.agent.compose.source;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// Reads an `env_file` of `format: raw`: a line is `KEY=value`, and the value is taken as it is,
/// quotes and dollars too; a bare `KEY` inherits.
public final class RawEnvFile {
  private RawEnvFile() {}

  public static Map<String, String> parse(String file, String text, Template.Variables outer) {
    Map<String, String> values = new LinkedHashMap<>();
    Iterator<String> lines =
        (text.startsWith("\uFEFF") ? text.substring(1) : text).lines().iterator();
    for (int number = 1; lines.hasNext(); number++) {
      String line = lines.next().stripLeading();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int cut = line.indexOf('=');
      String key = cut < 0 ? line : line.substring(0, cut);
      if (key.isEmpty() || key.chars().anyMatch(Character::isWhitespace)) {
        throw new Refusal(
            new Location(file, number, 1), "no name stands before the '='", "write NAME=value");
      }
      String value = cut < 0 ? outer.get(key) : line.substring(cut + 1);
      if (value != null) {
        values.put(key, value);
      }
    }
    return values;
  }
}
