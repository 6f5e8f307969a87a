package io.armory.agent.domain;

import java.util.stream.Collectors;

/// Something wrong with an input.
///
/// @param where `file:line:column`, `file:line`, a parameter's or a tag's name
/// @param what what is wrong, naming the path (`services.gate.build`) where there is one
/// @param todo what to do about it; may be empty
public record Problem(String where, String what, String todo) {
  /// More of a file than anybody reads; keeps hostile input bounded.
  public static final int MOST = 200;

  /// Of a line: an engine's own words, said twice in the reason for a rollback, are to be read
  /// whole.
  private static final int LONGEST = 2_000;

  /// Of what is left of a value at each end.
  private static final int END = 80;

  public Problem {
    what = bounded(what);
    todo = bounded(todo);
  }

  /// How a text begins and ends, if it is a long one: a value of others is told by that.
  public static String shortened(String text, int longest) {
    return shortened(text, longest, END);
  }

  private static String shortened(String text, int longest, int end) {
    return text.length() <= longest
        ? text
        : text.substring(0, end) + "…" + text.substring(text.length() - end);
  }

  /// One that tells of many lines of a file tells of each.
  private static String bounded(String text) {
    return text.length() <= LONGEST
        ? text
        : text.lines()
            .limit(MOST)
            .map(line -> shortened(line, LONGEST, LONGEST / 2 - 1))
            .collect(Collectors.joining("\n"));
  }

  /// The one line people read.
  public String line() {
    var line = where.isEmpty() ? what : where + ": " + what;
    return oneLine(todo.isEmpty() ? line : line + "; " + todo);
  }

  /// Text of others, such as a key or a file's name, with its control characters written out, so
  /// that one message stays one line and says nothing to a terminal.
  public static String oneLine(String text) {
    if (text.chars().noneMatch(Problem::isControl)) {
      return text;
    }
    var line = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (isControl(c)) {
            line.append("\\u%04x".formatted((int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
    return line.toString();
  }

  private static boolean isControl(int c) {
    return Character.isISOControl(c)
        || c == '\u2028'
        || c == '\u2029'
        || (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069');
  }

  @Override
  public String toString() {
    return line();
  }
}
