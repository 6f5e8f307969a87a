package io.armory.agent.domain.stack;

/// Why a step is taken. The kind is for programs; the words are for people, and no code reads them.
public record Cause(Kind kind, String text) {
  public enum Kind {
    /// A container that was made is started for the first time: nothing is repaired by it.
    FIRST_START,

    /// A container that is to be replaced, and cannot be yet, is mended as it is: that it fails
    /// says nothing about its successor.
    PREDECESSOR,

    /// An operator wants it so.
    OPERATOR,

    /// What is observed differs from what is desired.
    DIFFERENCE
  }

  /// Of what differs.
  public static Cause of(String text) {
    return new Cause(Kind.DIFFERENCE, text);
  }

  public static Cause firstStart(String text) {
    return new Cause(Kind.FIRST_START, text);
  }

  public static Cause predecessor(String text) {
    return new Cause(Kind.PREDECESSOR, text);
  }

  public static Cause operator(String text) {
    return new Cause(Kind.OPERATOR, text);
  }

  @Override
  public String toString() {
    return text;
  }
}
