package io.armory.agent.domain;

/// Characters that nobody sees, in words.
public final class Characters {
  /// Of one value that is taken apart. Linux' PATH_MAX: nothing of that sort is longer than a path,
  /// be it a name, an address, a port, a duration or an image.
  public static final int MOST_OF_A_VALUE = 4096;

  private Characters() {}

  /// Whether no text needs it: a control character, or one that has no width. What joins letters of
  /// some scripts is not among them.
  public static boolean isUnseen(int character) {
    return switch (character) {
      case '\u2028', '\u2029', '\u200b', '\u2060', '\ufeff' -> true;
      default -> Character.isISOControl(character);
    };
  }

  public static String name(int character) {
    return switch (character) {
      case '\n', '\r', '\u2028', '\u2029' -> "a line break";
      case '\t' -> "a tab";
      case ' ' -> "a blank";
      default -> unusual(character);
    };
  }

  private static String unusual(int character) {
    if (Character.isISOControl(character)) {
      return "a control character (%02x)".formatted(character);
    }
    var kind = Character.isSpaceChar(character) ? "a blank" : "a character that nobody sees";
    return "%s (U+%04X)".formatted(kind, character);
  }
}
