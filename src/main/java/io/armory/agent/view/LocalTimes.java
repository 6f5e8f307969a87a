package io.armory.agent.view;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Instants in what people read: in their own zone, to the second. The agent speaks UTC.
public final class LocalTimes {
  private static final String SHAPE = "0000-00-00T00:00:00";

  private LocalTimes() {}

  /// As [#in], in this machine's zone, which is found out only where it is needed: that takes
  /// longer than all the rest of `status`.
  public static String here(String text) {
    return in(null, text);
  }

  /// @param zone `null`: this machine's
  /// @return the text, with each `2026-01-31T12:00:00.123Z` in it as that zone's clocks show it
  public static String in(@Nullable ZoneId zone, String text) {
    var out = new StringBuilder();
    var from = 0;
    for (var t = text.indexOf('T'); t >= 0; t = text.indexOf('T', t + 1)) {
      var begin = t - SHAPE.indexOf('T');
      var end = begin < from ? -1 : end(text, begin);
      if (end > 0) {
        out.append(text, from, begin).append(local(zone, text.substring(begin, end)));
        from = end;
      }
    }
    return from == 0 ? text : out.append(text, from, text.length()).toString();
  }

  /// Where the instant ends that begins there; -1: none does.
  private static int end(String text, int begin) {
    if (begin + SHAPE.length() >= text.length()
        || (begin > 0 && Character.isLetterOrDigit(text.charAt(begin - 1)))) {
      return -1;
    }
    for (var i = 0; i < SHAPE.length(); i++) {
      var c = text.charAt(begin + i);
      if (SHAPE.charAt(i) == '0' ? c < '0' || c > '9' : c != SHAPE.charAt(i)) {
        return -1;
      }
    }
    var at = begin + SHAPE.length();
    if (text.charAt(at) == '.') {
      at++;
      while (at < text.length() && Character.isDigit(text.charAt(at))) {
        at++;
      }
    }
    return at < text.length() && text.charAt(at) == 'Z' ? at + 1 : -1;
  }

  private static String local(@Nullable ZoneId zone, String instant) {
    try {
      return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
          Instant.parse(instant)
              .truncatedTo(ChronoUnit.SECONDS)
              .atZone(zone == null ? ZoneId.systemDefault() : zone));
    } catch (DateTimeParseException e) {
      return instant;
    }
  }
}
