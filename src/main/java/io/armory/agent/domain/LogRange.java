package io.armory.agent.domain;

import java.time.Instant;

/// Which part of a container's log is meant: of the last lines those that are young enough, as
/// `docker logs --tail N --since TIME` has it.
///
/// @param lines at most so many, the last; [#ALL]: however many there are
/// @param since of this instant or later; `Instant.EPOCH`: however old
public record LogRange(int lines, Instant since) {
  public static final int ALL = Integer.MAX_VALUE;

  public static LogRange last(int lines) {
    return new LogRange(lines, Instant.EPOCH);
  }

  public static LogRange allSince(Instant since) {
    return new LogRange(ALL, since);
  }
}
