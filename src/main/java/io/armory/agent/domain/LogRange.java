package io.armory.agent.domain;

import java.time.Instant;

/// Which part of a container's log is meant: the last lines of a time.
///
/// @param lines at most so many, the last; [#ALL]: however many there are
/// @param since of this instant or later; `Instant.EPOCH`: however old
/// @param until of this instant or earlier; `Instant.MAX`: however new
public record LogRange(int lines, Instant since, Instant until) {
  public static final int ALL = Integer.MAX_VALUE;

  public LogRange(int lines, Instant since) {
    this(lines, since, Instant.MAX);
  }

  public static LogRange last(int lines) {
    return new LogRange(lines, Instant.EPOCH);
  }

  public static LogRange allSince(Instant since) {
    return new LogRange(ALL, since);
  }

  /// Whether a line of that instant is in it.
  public boolean has(Instant at) {
    return !at.isBefore(since) && !at.isAfter(until);
  }

  /// Whether it reaches to the end of the log.
  public boolean isOpen() {
    return until.equals(Instant.MAX);
  }
}
