package io.armory.agent.adapter.files;

import io.armory.agent.domain.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An env file, the way shells and `docker compose` users write them: `NAME=value`, an optional
/// `export`, comments, `'kept as it is'`, `"with \n escapes"`. `${NAME}` outside of single quotes
/// takes a variable set further up; a lone `$` is a dollar sign, so that passwords survive.
final class NodeEnvFile {
  private static final Pattern LINE =
      Pattern.compile("(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*(.*)", Pattern.DOTALL);
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
  private static final Pattern TRAILING_COMMENT = Pattern.compile("\\s+#.*");

  /// Linux' MAX_ARG_STRLEN: no process can be given a longer variable.
  private static final int LONGEST = 128 * 1024;

  /// All values of a file together, in characters: those that name others grow fast.
  private static final int MOST = 4 * 1024 * 1024;

  /// As many as there may be parameters: the heap is small.
  private static final int MOST_VARIABLES = 10_000;

  private NodeEnvFile() {}

  /// @param line where the value was written
  record Entry(String name, String value, int line) {}

  /// @param earlier variables of the files before this one
  /// @param problems gets one per line that cannot be understood
  static List<Entry> parse(
      String file, String text, Map<String, String> earlier, List<Problem> problems) {
    var known = new LinkedHashMap<>(earlier);
    var entries = new ArrayList<Entry>();
    var total = 0;
    var number = 0;
    var lines = (text.startsWith("\uFEFF") ? text.substring(1) : text).lines().iterator();
    while (lines.hasNext() && problems.size() < Problem.MOST) {
      var line = lines.next().strip();
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      var where = file + ":" + number;
      try {
        var entry = entry(line, number, known);
        total += entry.value().length();
        if (total > MOST) {
          problems.add(new Problem(where, "makes all values longer than 4 MiB", "shorten them"));
          return entries;
        }
        if (entries.size() >= MOST_VARIABLES) {
          problems.add(
              new Problem(where, "is one more than " + MOST_VARIABLES + " variables", "use fewer"));
          return entries;
        }
        known.put(entry.name(), entry.value());
        entries.add(entry);
      } catch (Malformed e) {
        problems.add(new Problem(where, e.what, e.todo));
      }
    }
    return entries;
  }

  private static Entry entry(String line, int number, Map<String, String> known) throws Malformed {
    var match = LINE.matcher(line);
    if (!match.matches()) {
      // The line itself is not shown: it may hold a password.
      throw new Malformed("is not NAME=value", "write one variable a line, comments behind #");
    }
    var name = match.group(1);
    var raw = match.group(2);
    if (raw.indexOf('\0') >= 0) {
      throw new Malformed(shown(name) + " holds a NUL", "remove it: no environment can have one");
    }
    if (raw.startsWith("'")) {
      return new Entry(name, unquoted(name, raw, '\''), number);
    }
    if (raw.startsWith("\"")) {
      return new Entry(name, expanded(unescaped(unquoted(name, raw, '"')), known), number);
    }
    var bare = raw.startsWith("#") ? "" : TRAILING_COMMENT.matcher(raw).replaceFirst("");
    return new Entry(name, expanded(bare, known), number);
  }

  private static String unquoted(String name, String raw, char quote) throws Malformed {
    var end = 1;
    while (end < raw.length() && raw.charAt(end) != quote) {
      end += quote == '"' && raw.charAt(end) == '\\' ? 2 : 1;
    }
    var rest = end < raw.length() ? raw.substring(end + 1).strip() : "";
    if (end >= raw.length()) {
      throw new Malformed(
          shown(name) + " has no closing " + quote, "close the quote on the same line");
    }
    if (!rest.isEmpty() && !rest.startsWith("#")) {
      throw new Malformed(
          shown(name) + " has text after the closing " + quote, "quote the whole value");
    }
    return raw.substring(1, end);
  }

  private static String unescaped(String text) {
    var out = new StringBuilder();
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        out.append(c);
        continue;
      }
      var next = text.charAt(++i);
      switch (next) {
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case '"', '\\', '$' -> out.append(next);
        default -> out.append('\\').append(next);
      }
    }
    return out.toString();
  }

  private static String expanded(String text, Map<String, String> known) throws Malformed {
    var match = REFERENCE.matcher(text);
    var out = new StringBuilder();
    while (match.find()) {
      var value = known.get(match.group(1));
      if (value == null) {
        throw new Malformed(
            "${" + shown(match.group(1)) + "} is not set above",
            "set it in a line before, or put the value in single quotes to keep it as it is");
      }
      match.appendReplacement(out, Matcher.quoteReplacement(value));
      bound(out);
    }
    return bound(match.appendTail(out)).toString();
  }

  private static String shown(String name) {
    return Problem.shortened(name, 200);
  }

  private static StringBuilder bound(StringBuilder value) throws Malformed {
    if (value.length() > LONGEST) {
      throw new Malformed(
          "has a value of more than 128 KiB, which no process can be given", "shorten it");
    }
    return value;
  }

  private static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;
    final String what;
    final String todo;

    Malformed(String what, String todo) {
      this.what = what;
      this.todo = todo;
    }
  }
}
