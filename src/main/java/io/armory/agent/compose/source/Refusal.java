package io.armory.agent.compose.source;

/// Ends the work on one piece of input at once, where going on is pointless or too dear. Always
/// caught in this room and turned into a [Problem].
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient Location mark;
  private final String advice;

  Refusal(Location mark, String message, String advice) {
    super(message, null, false, false);
    this.mark = mark;
    this.advice = advice;
  }

  public Location mark() {
    return mark;
  }

  public String message() {
    return String.valueOf(getMessage());
  }

  public String advice() {
    return advice;
  }
}
