package io.armory.agent.domain;

/// Characters that nobody sees, in words.
public final class Characters {
  private Characters() {}

  public static String name(int character) {
    return switch (character) {
      case '\n', '\r' -> "a line break";
      case '\t' -> "a tab";
      case ' ' -> "a blank";
      default -> "a control character (%02x)".formatted(character);
    };
  }
}
