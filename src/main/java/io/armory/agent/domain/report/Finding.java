package io.armory.agent.domain.report;

/// Something about one place of an old installation that an operator should know after an import.
///
/// @param where `FILE:LINE`, or a file
/// @param todo what to do about it; empty for a note
public record Finding(Kind kind, String where, String what, String todo) {
  public enum Kind {
    /// Carried over in another form, or not needed any more: nothing to do.
    NOTE,
    /// Carried over, readable by root alone; the Parameter Store is the better place.
    SECRET,
    /// Not carried over: somebody has to decide.
    TODO
  }

  public static Finding note(String where, String what) {
    return new Finding(Kind.NOTE, where, what, "");
  }

  public static Finding todo(String where, String what, String todo) {
    return new Finding(Kind.TODO, where, what, todo);
  }

  /// The one line people read.
  public String line() {
    return where + ": " + what + (todo.isEmpty() ? "" : "; " + todo);
  }
}
