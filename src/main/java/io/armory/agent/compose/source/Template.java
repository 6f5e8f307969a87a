package io.armory.agent.compose.source;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Interpolation of one string: `$NAME`, `${NAME}` and the operators `:- - :+ + :? ?`, `$$` for a
/// dollar. A default is evaluated only if it is used, as newer Compose does.
public final class Template {
  private static final int MOST_NESTED = 50;

  /// A variable's value; `null`: not set.
  public interface Variables {
    @Nullable String get(String name);
  }

  /// What makes a string uninterpolable.
  public static class Malformed extends Exception {
    private static final long serialVersionUID = 1L;
    private final String advice;

    Malformed(String message, String advice) {
      super(message, null, false, false);
      this.advice = advice;
    }

    public String message() {
      return String.valueOf(getMessage());
    }

    public String advice() {
      return advice;
    }
  }

  /// A variable without the value that it must have, here and wherever else it is used.
  public static final class Missing extends Malformed {
    private static final long serialVersionUID = 1L;

    Missing(String name, String how, String reason) {
      super(
          "required variable " + name + how + (reason.isEmpty() ? "" : ": " + reason),
          "set %s in env/default.env, in SSM as env/%s or by the tag armory:param:%s"
              .formatted(name, name, name));
    }
  }

  /// Characters all variables and defaults together may bring; files that define one by the other
  /// could make them grow without end.
  private static final int MOST_CHARACTERS = 8_000_000;

  private final Variables variables;
  private final Consumer<String> warnings;
  private int characters;

  public Template(Variables variables, Consumer<String> warnings) {
    this.variables = variables;
    this.warnings = warnings;
  }

  public String substitute(String text) throws Malformed {
    return text.indexOf('$') < 0 ? text : substitute(text, 0);
  }

  private String substitute(String text, int nested) throws Malformed {
    if (nested > MOST_NESTED) {
      throw new Malformed("variables nested too deep", "nest fewer defaults");
    }
    brings(nested == 0 ? 0 : text.length());
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      int dollar = text.indexOf('$', at);
      if (dollar < 0 || dollar + 1 == text.length()) {
        break;
      }
      out.append(text, at, dollar);
      char next = text.charAt(dollar + 1);
      if (next == '$') {
        out.append('$');
        at = dollar + 2;
      } else if (isStart(next)) {
        at = nameEnd(text, dollar + 1);
        out.append(plain(text.substring(dollar + 1, at)));
      } else if (next == '{') {
        at = braced(text, dollar, out, nested);
      } else {
        out.append('$');
        at = dollar + 1;
      }
    }
    return out.append(text, at, text.length()).toString();
  }

  /// Appends the value of the `${…}` at `dollar` and answers where it ends.
  private int braced(String text, int dollar, StringBuilder out, int nested) throws Malformed {
    int nameEnd = nameEnd(text, dollar + 2);
    if (nameEnd == dollar + 2 || nameEnd >= text.length()) {
      throw invalid(text);
    }
    String name = text.substring(dollar + 2, nameEnd);
    if (text.charAt(nameEnd) == '}') {
      out.append(plain(name));
      return nameEnd + 1;
    }
    boolean colon = text.charAt(nameEnd) == ':';
    int operator = colon ? nameEnd + 1 : nameEnd;
    if (operator >= text.length() || "-+?".indexOf(text.charAt(operator)) < 0) {
      throw invalid(text);
    }
    int close = closing(text, dollar);
    if (close < 0) {
      throw invalid(text);
    }
    String tail = text.substring(operator + 1, close);
    out.append(apply(name, colon, text.charAt(operator), tail, nested));
    return close + 1;
  }

  /// The brace that balances the one after `dollar`; the last one of the line if none does; -1:
  /// there is none. The character after an opening brace is never looked at, so that `${X:-{}}` is
  /// `{}`.
  private static int closing(String text, int dollar) {
    int depth = 0;
    int last = -1;
    boolean opened = false;
    for (int i = dollar; i < text.length() && text.charAt(i) != '\n'; i++) {
      char c = text.charAt(i);
      last = c == '}' ? i : last;
      if (c == '}' && !opened && --depth == 0) {
        return i;
      }
      opened = c == '{' && !opened;
      depth += opened ? 1 : 0;
    }
    return last;
  }

  private String apply(String name, boolean colon, char operator, String tail, int nested)
      throws Malformed {
    String value = value(name);
    boolean present = value != null && !(colon && value.isEmpty());
    return switch (operator) {
      case '-' -> present && value != null ? value : substitute(tail, nested + 1);
      case '+' -> present ? substitute(tail, nested + 1) : value == null ? "" : value;
      default -> {
        if (present && value != null) {
          yield value;
        }
        String reason = substitute(tail, nested + 1);
        throw new Missing(name, value == null ? " is not set" : " is empty", reason);
      }
    };
  }

  private @Nullable String value(String name) throws Malformed {
    String value = variables.get(name);
    brings(value == null ? 0 : value.length());
    return value;
  }

  private void brings(int more) throws Malformed {
    characters += more;
    if (characters > MOST_CHARACTERS) {
      throw new Malformed("the variables are too long", "make them shorter");
    }
  }

  private String plain(String name) throws Malformed {
    String value = value(name);
    if (value == null) {
      warnings.accept("The \"" + name + "\" variable is not set. Defaulting to a blank string.");
      return "";
    }
    return value;
  }

  private static Malformed invalid(String template) {
    return new Malformed(
        "invalid interpolation format",
        "write ${NAME}, ${NAME:-default} or, for a literal dollar, $$"
            + (template.contains("${}") ? " (the name is missing in ${})" : ""));
  }

  private static int nameEnd(String text, int from) {
    int at = from;
    while (at < text.length()
        && (isStart(text.charAt(at)) || (at > from && isDigit(text.charAt(at))))) {
      at++;
    }
    return at;
  }

  private static boolean isStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
