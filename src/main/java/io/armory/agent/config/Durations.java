package io.armory.agent.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// Durations as people write them: `250ms`, `30s`, `10m`, `1h30m`, `2d`.
public final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private Durations() {}

  /// Empty when the text is no duration. A bare number has no unit and is none, except `0`.
  public static Optional<Duration> parse(String text) {
    if (text.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    var matcher = PART.matcher(text);
    var sum = Duration.ZERO;
    var end = 0;
    while (matcher.find() && matcher.start() == end) {
      sum = sum.plus(part(Long.parseLong(matcher.group(1)), matcher.group(2)));
      end = matcher.end();
    }
    return end > 0 && end == text.length() ? Optional.of(sum) : Optional.empty();
  }

  private static Duration part(long count, String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  /// In the same notation, shortest: `90s` is `1m30s`.
  public static String show(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    var text = new StringBuilder();
    append(text, duration.toDays(), "d");
    append(text, duration.toHoursPart(), "h");
    append(text, duration.toMinutesPart(), "m");
    append(text, duration.toSecondsPart(), "s");
    append(text, duration.toMillisPart(), "ms");
    return text.toString();
  }

  private static void append(StringBuilder text, long count, String unit) {
    if (count > 0) {
      text.append(count).append(unit);
    }
  }
}
