package io.armory.agent.compose.source;

import java.util.ArrayList;
import java.util.List;

/// A command line → its words, as the reference splits `command: "…"`: quotes and backslashes as in
/// a shell, no expansion, and nothing after the first unquoted `; & | < >`.
public final class ShellWords {
  /// No process can be given so many.
  private static final int MOST_WORDS = 100_000;

  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean started;
  private boolean escaped;
  private boolean doubleQuoted;
  private boolean singleQuoted;
  private boolean backQuoted;
  private boolean parenthesis;

  private ShellWords() {}

  /// Throws [IllegalArgumentException] for an unclosed quote or a stray parenthesis.
  public static List<String> split(String line) {
    return new ShellWords().run(line);
  }

  private List<String> run(String line) {
    for (int i = 0; i < line.length(); i++) {
      if (!take(line.charAt(i))) {
        break;
      }
      if (words.size() > MOST_WORDS) {
        throw new IllegalArgumentException("has more than " + MOST_WORDS + " words");
      }
    }
    if (started) {
      words.add(word.toString());
    }
    if (escaped || quoted()) {
      throw malformed();
    }
    return words;
  }

  private boolean quoted() {
    return singleQuoted || doubleQuoted || backQuoted || parenthesis;
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("the command line has an unclosed quote or parenthesis");
  }

  /// Whether to go on.
  private boolean take(char c) {
    if (escaped) {
      append(c);
      escaped = false;
    } else if (c == '\\') {
      if (singleQuoted) {
        word.append(c);
      } else {
        escaped = true;
      }
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      space(c);
    } else {
      return special(c);
    }
    return true;
  }

  private void space(char c) {
    if (quoted()) {
      word.append(c);
    } else if (started) {
      words.add(word.toString());
      word.setLength(0);
      started = false;
    }
  }

  private boolean special(char c) {
    switch (c) {
      case '`' -> backQuoted ^= !singleQuoted && !doubleQuoted && !parenthesis;
      case ')' -> parenthesis ^= !singleQuoted && !doubleQuoted && !backQuoted;
      case '(' -> {
        if (!singleQuoted && !doubleQuoted && !backQuoted) {
          if (parenthesis || word.isEmpty() || word.charAt(word.length() - 1) != '$') {
            throw malformed();
          }
          parenthesis = true;
          word.append(c);
          return true;
        }
      }
      case '"' -> {
        if (!singleQuoted && !parenthesis) {
          started |= doubleQuoted;
          doubleQuoted = !doubleQuoted;
          return true;
        }
      }
      case '\'' -> {
        if (!doubleQuoted && !parenthesis) {
          started |= singleQuoted;
          singleQuoted = !singleQuoted;
          return true;
        }
      }
      case ';', '&', '|', '<', '>' -> {
        if (!quoted()) {
          boolean descriptor = c == '>' && !word.isEmpty() && Character.isDigit(word.charAt(0));
          started &= !descriptor;
          return false;
        }
      }
      default -> {}
    }
    append(c);
    return true;
  }

  private void append(char c) {
    word.append(c);
    started = true;
  }
}
