package io.armory.agent.view;

import java.time.Duration;
import java.time.Instant;

/// Spans of time in words: two units at most, because nobody reads "2 h 3 min 7 s".
public final class Ages {
  private Ages() {}

  /// `0 s`, `34 s`, `4 min 10 s`, `34 min`, `2 h 3 min`, `3 d 4 h`. A span into the future is none.
  public static String of(Duration span) {
    var seconds = Math.max(0, span.toSeconds());
    var days = seconds / 86_400;
    var hours = seconds / 3600 % 24;
    var minutes = seconds / 60 % 60;
    if (days > 0) {
      return pair(days, " d", hours, " h");
    }
    if (hours > 0) {
      return pair(hours, " h", minutes, " min");
    }
    if (minutes >= 10) {
      return minutes + " min";
    }
    return minutes > 0 ? pair(minutes, " min", seconds % 60, " s") : seconds + " s";
  }

  public static String since(Instant since, Instant now) {
    return of(Duration.between(since, now));
  }

  private static String pair(long large, String largeUnit, long small, String smallUnit) {
    return large + largeUnit + (small > 0 ? " " + small + smallUnit : "");
  }
}
