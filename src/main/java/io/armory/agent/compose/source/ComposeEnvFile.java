package io.armory.agent.compose.source;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads `.env`, `env_file` and `label_file` files: `K=v`, `export K=v`, `K: v`; bare `K` inherits;
/// `'raw'`; `"\n escapes and $interpolation, many lines"`; unquoted ends at ` #`.
public final class ComposeEnvFile {
  /// Bytes of one such file.
  public static final int MOST_BYTES = 1024 * 1024;

  private static final String ESCAPES = "abfnrtv\"\\";
  private static final String ESCAPED = "\u0007\b\f\n\r\t\u000B\"\\";

  private final String text;
  private final Template.Variables outer;
  private final Template template;
  private final Consumer<String> warnings;
  private final Map<String, String> values = new LinkedHashMap<>();
  private int at;

  private ComposeEnvFile(String text, Template.Variables outer, Consumer<String> warnings) {
    this.text = text;
    this.outer = outer;
    this.warnings = warnings;
    this.template = new Template(this::look, warnings);
  }

  /// @param outer what the file's values may refer to; it wins over what the file itself defines
  public static Map<String, String> parse(
      String file, String text, Template.Variables outer, Consumer<String> warnings) {
    ComposeEnvFile parser =
        new ComposeEnvFile(text.startsWith("\uFEFF") ? text.substring(1) : text, outer, warnings);
    try {
      parser.statements();
      return parser.values;
    } catch (Template.Malformed e) {
      throw new Refusal(parser.mark(file), e.message(), e.advice());
    }
  }

  private Location mark(String file) {
    int upTo = Math.min(at, text.length());
    int line = 1 + (int) text.substring(0, upTo).chars().filter(c -> c == '\n').count();
    return new Location(file, line, upTo - (upTo == 0 ? -1 : text.lastIndexOf('\n', upTo - 1)));
  }

  private @Nullable String look(String name) {
    String value = outer.get(name);
    return value != null ? value : values.get(name);
  }

  private void statements() throws Template.Malformed {
    while (skipToStatement()) {
      int start = at;
      skipExport();
      int keyStart = at;
      int end = keyEnd();
      String key = text.substring(keyStart, end).stripTrailing();
      if (key.chars().anyMatch(c -> c == ' ')) {
        at = start;
        throw new Template.Malformed("the key '" + key + "' has a space", "write NAME=value");
      }
      if (end == text.length()) {
        unended(keyStart, key);
        return;
      }
      boolean bare = text.charAt(end) == '\n';
      at = end + 1;
      if (bare) {
        String inherited = outer.get(key);
        if (inherited != null) {
          values.put(key, inherited);
        }
      } else {
        skipBlanks();
        values.put(key, value());
      }
    }
  }

  /// As in the reference, a name alone on a last line that does not end is a value without a name.
  private void unended(int start, String key) throws Template.Malformed {
    at = start;
    if (start == text.length()) {
      throw new Template.Malformed("'export' names nothing", "write export NAME=value");
    }
    warnings.accept(
        "the last line '"
            + key
            + "' is read as a value without a name, for it does not end: end it with a newline");
    values.put("", value());
  }

  private boolean skipToStatement() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (isSpace(c) || c == '\n') {
        at++;
      } else {
        return true;
      }
    }
    return false;
  }

  private void skipExport() {
    if (text.startsWith("export", at)
        && at + 6 < text.length()
        && (isSpace(text.charAt(at + 6)) || text.charAt(at + 6) == '\n')) {
      at += 6;
      skipBlanks();
    }
  }

  private void skipBlanks() {
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
  }

  private int keyEnd() throws Template.Malformed {
    for (int i = at; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '=' || c == ':' || c == '\n') {
        return i;
      }
      if (!isSpace(c) && "_.-[]".indexOf(c) < 0 && !Character.isLetterOrDigit(c)) {
        at = i;
        throw new Template.Malformed(
            "unexpected character '" + c + "' in a variable name", "write NAME=value");
      }
    }
    return text.length();
  }

  private String value() throws Template.Malformed {
    char quote = at < text.length() ? text.charAt(at) : '\n';
    if (quote == '"' || quote == '\'') {
      return quoted(quote);
    }
    int end = text.indexOf('\n', at);
    end = end < 0 ? text.length() : end;
    String value = text.substring(at, end);
    int comment = value.indexOf(" #");
    value = (comment < 0 ? value : value.substring(0, comment)).stripTrailing();
    value = template.substitute(value);
    at = Math.min(end + 1, text.length());
    return value;
  }

  private String quoted(char quote) throws Template.Malformed {
    StringBuilder chars = new StringBuilder();
    boolean escape = false;
    for (int i = at + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == quote && !escape) {
        String raw = chars.toString();
        String value = quote == '"' ? template.substitute(unescape(raw)) : raw;
        at = i + 1;
        return value;
      }
      if (c == '\\' && !escape) {
        escape = true;
        continue;
      }
      if (escape && c != quote) {
        chars.append('\\');
      }
      escape = false;
      chars.append(c);
    }
    throw new Template.Malformed("unterminated quoted value", "close it with " + quote);
  }

  /// `\$` becomes `$$`, a literal dollar for the interpolation that follows.
  private static String unescape(String raw) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      char next = c == '\\' && i + 1 < raw.length() ? raw.charAt(i + 1) : 0;
      int known = next == 0 ? -1 : ESCAPES.indexOf(next);
      if (known >= 0) {
        out.append(ESCAPED.charAt(known));
        i++;
      } else if (next == '$') {
        out.append("$$");
        i++;
      } else if (next == '0') {
        int end = i + 2;
        while (end < raw.length() && end < i + 5 && Character.isDigit(raw.charAt(end))) {
          end++;
        }
        out.append(octal(raw.substring(i + 2, end)));
        i = end - 1;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /// `\0101` is `A`; what is no octal number only loses its zero, as in the reference.
  private static String octal(String digits) {
    boolean octal = digits.length() == 3 && digits.chars().allMatch(c -> c < '8');
    int value = octal ? Integer.parseInt(digits, 8) : 256;
    return value < 256 ? String.valueOf((char) value) : "\\" + digits;
  }

  private static boolean isSpace(char c) {
    return c == '\t'
        || c == '\u000B'
        || c == '\f'
        || c == '\r'
        || c == ' '
        || c == '\u0085'
        || c == '\u00A0';
  }
}
