package io.armory.agent.domain;

/// Something wrong with an input.
///
/// @param where `file:line:column`, `file:line`, a parameter's or a tag's name
/// @param what what is wrong, naming the path (`services.gate.build`) where there is one
/// @param todo what to do about it; may be empty
public record Problem(String where, String what, String todo) {

  /// The one line people read.
  public String line() {
    var line = where.isEmpty() ? what : where + ": " + what;
    return todo.isEmpty() ? line : line + "; " + todo;
  }

  @Override
  public String toString() {
    return line();
  }
}
