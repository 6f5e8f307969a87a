package io.armory.agent.view;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the reader's terminal can do.
///
/// @param columns its width in characters
/// @param colour whether it shows, and its owner wants, colour
public record Style(int columns, boolean colour) {
  /// Narrower tables cannot be read, wider ones neither.
  private static final int NARROWEST = 80;

  private static final int WIDEST = 120;

  /// Of words that are not cut: more than any reason has.
  private static final int LONGEST = 2000;

  public static final Style PLAIN = new Style(100, false);

  public Style {
    columns = Math.clamp(columns, NARROWEST, WIDEST);
  }

  enum Tone {
    GOOD("32"),
    BUSY("33"),
    BAD("1;31"),
    QUIET("2"),
    LOUD("1");

    private final String code;

    Tone(String code) {
      this.code = code;
    }
  }

  String paint(Tone tone, String text) {
    return colour && !text.isBlank() ? "\033[" + tone.code + "m" + text + "\033[0m" : text;
  }

  /// Of a name that stands among words.
  private static final int LONGEST_NAME = 48;

  /// But a path: who is to look at a file needs all of it.
  private static final Pattern NAME =
      Pattern.compile("(?<!\\S)(?!['\"(]*/)\\S{" + (LONGEST_NAME + 1) + ",}");

  /// Words that are shown whole, over as many lines as they need: only the names among them, such
  /// as images, are cut, in their middle.
  static String words(String text) {
    return NAME.matcher(line(text, LONGEST))
        .replaceAll(m -> Matcher.quoteReplacement(middle(m.group(), LONGEST_NAME)));
  }

  /// A name cut in its middle: what tells it from others is at both ends.
  static String middle(String name, int width) {
    if (name.length() <= width) {
      return name;
    }
    var head = (width - 1) / 2;
    var tail = name.length() - (width - 1 - head);
    return name.substring(0, Character.isHighSurrogate(name.charAt(head - 1)) ? head - 1 : head)
        + "…"
        + name.substring(Character.isLowSurrogate(name.charAt(tail)) ? tail + 1 : tail);
  }

  /// One line without anything a terminal would obey, cut to a width.
  static String line(String text, int width) {
    var clean = new StringBuilder();
    text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
        .forEach(clean::appendCodePoint);
    var stripped = clean.toString().stripTrailing();
    if (stripped.length() <= width) {
      return stripped;
    }
    var end = Math.max(0, width - 1);
    return stripped.substring(0, stripped.offsetByCodePoints(0, stripped.codePointCount(0, end)))
        + "…";
  }
}
