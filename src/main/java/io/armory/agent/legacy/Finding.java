package io.armory.agent.legacy;

/// Something an operator should know about one place of the old installation.
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

  static Finding note(String where, String what) {
    return new Finding(Kind.NOTE, where, what, "");
  }

  static Finding todo(String where, String what, String todo) {
    return new Finding(Kind.TODO, where, what, todo);
  }

  /// The one line people read.
  public String line() {
    return where + ": " + what + (todo.isEmpty() ? "" : "; " + todo);
  }
}
