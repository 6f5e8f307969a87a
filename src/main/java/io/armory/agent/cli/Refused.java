package io.armory.agent.cli;

/// A command that cannot be done: the line the operator sees, and the exit code.
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exit;

  Refused(int exit, String line) {
    super(line);
    this.exit = exit;
  }

  int exit() {
    return exit;
  }

  String line() {
    return String.valueOf(getMessage());
  }
}
