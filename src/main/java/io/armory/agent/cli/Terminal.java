package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where the output goes.
///
/// @param tty a person is looking
public record Terminal(PrintStream out, PrintStream err, boolean tty, Environment environment) {
  /// Without a terminal's width: what every terminal has, and what a log can take.
  private static final int UNKNOWN = 80;

  private static final int ROWS = 24;
  private static final int NO_TERMINAL = 120;

  /// Run Command shows 8,000 characters of errors.
  private static final int ERRORS = 7_800;

  public static Terminal ofProcess(Environment environment) {
    return new Terminal(System.out, System.err, isTerminal(), environment);
  }

  /// `java.io.Console` would tell as well, and cost more than all the rest of `status`.
  private static boolean isTerminal() {
    try {
      var target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  int columns() {
    return environment.columns().orElse(tty ? UNKNOWN : NO_TERMINAL);
  }

  /// As the terminal says now: it may be made larger while somebody watches.
  int rows() {
    try {
      var stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      var said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      var rows = said.strip().split(" ", -1)[0];
      return rows.matches("[1-9][0-9]{0,4}") ? Integer.parseInt(rows) : ROWS;
    } catch (IOException e) {
      return ROWS;
    }
  }

  boolean colour() {
    return tty && environment.colourWanted();
  }

  /// The agent's words are UTF-8 whatever the locale says.
  void print(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  /// One line of error.
  void complain(String line) {
    var all = line.strip();
    var text = tty || all.length() <= ERRORS ? all : all.substring(0, ERRORS) + "… cut here";
    var bytes = ("armory-agent: " + text + "\n").getBytes(StandardCharsets.UTF_8);
    err.write(bytes, 0, bytes.length);
    err.flush();
  }
}
