package io.armory.agent.domain.report;

/// One thing `doctor` looked at.
///
/// @param subject what it is about: `docker`, `imds`, `role`, …
/// @param words one line: how it stands
/// @param todo one line: what to do about it; empty when there is nothing to do
public record Check(String subject, Result result, String words, String todo) {

  public enum Result {
    FINE,
    /// Works, but could be better, or nobody can tell from here.
    ADVICE,
    /// The node cannot do its work like this.
    WRONG
  }

  public static Check fine(String subject, String words) {
    return new Check(subject, Result.FINE, words, "");
  }

  public static Check advice(String subject, String words, String todo) {
    return new Check(subject, Result.ADVICE, words, todo);
  }

  public static Check wrong(String subject, String words, String todo) {
    return new Check(subject, Result.WRONG, words, todo);
  }
}
