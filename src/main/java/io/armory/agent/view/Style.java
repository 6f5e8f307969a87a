package io.armory.agent.view;

/// What the reader's terminal can do.
///
/// @param columns its width in characters
/// @param colour whether it shows, and its owner wants, colour
public record Style(int columns, boolean colour) {
  /// Narrower tables cannot be read, wider ones neither.
  private static final int NARROWEST = 80;

  private static final int WIDEST = 120;

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
