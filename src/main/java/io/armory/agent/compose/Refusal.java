package io.armory.agent.compose;

/// Ends the work on one piece of input at once, where going on is pointless or too dear. Always
/// caught in this room and turned into a [Problem].
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient Mark mark;
  private final String advice;

  Refusal(Mark mark, String message, String advice) {
    super(message, null, false, false);
    this.mark = mark;
    this.advice = advice;
  }

  Mark mark() {
    return mark;
  }

  String message() {
    return String.valueOf(getMessage());
  }

  String advice() {
    return advice;
  }
}
