package io.armory.agent.render;

/// Characters that nobody sees, in words.
final class Characters {
  private Characters() {}

  static String name(int character) {
    return switch (character) {
      case '\n', '\r' -> "a line break";
      case '\t' -> "a tab";
      case ' ' -> "a blank";
      default -> "a control character (%02x)".formatted(character);
    };
  }
}
