package io.armory.agent.compose.source;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Durations as Go writes them: `1h30m`, `1.5s`, `100ms`; and in days and weeks, as Compose does.
public final class Durations {
  private static final Pattern PART =
      Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(ns|us|\u00B5s|\u03BCs|ms|s|m|h|d|w)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns",
          1L,
          "us",
          1_000L,
          "\u00B5s",
          1_000L,
          "\u03BCs",
          1_000L,
          "ms",
          1_000_000L,
          "s",
          1_000_000_000L,
          "m",
          60_000_000_000L,
          "h",
          3_600_000_000_000L,
          "d",
          86_400_000_000_000L,
          "w",
          604_800_000_000_000L);

  private Durations() {}

  /// `null`: not a duration, or longer than 292 years.
  public static @Nullable Duration parse(String text) {
    boolean negative = text.startsWith("-");
    String rest = negative || text.startsWith("+") ? text.substring(1) : text;
    if (rest.equals("0")) {
      return Duration.ZERO;
    }
    if (rest.isEmpty() || rest.length() > 100) {
      return null;
    }
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher part = PART.matcher(rest);
    int at = 0;
    while (at < rest.length()) {
      if (!part.find(at) || part.start() != at) {
        return null;
      }
      long unit = NANOS.getOrDefault(part.group(2), 0L);
      BigDecimal value = new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit));
      nanos = nanos.add(value.setScale(0, RoundingMode.DOWN));
      at = part.end();
    }
    if (nanos.toBigInteger().bitLength() > 63) {
      return null;
    }
    Duration duration = Duration.ofNanos(nanos.longValue());
    return negative ? duration.negated() : duration;
  }

  public static String print(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos == 0) {
      return "0s";
    }
    String sign = nanos < 0 ? "-" : "";
    long n = Math.abs(nanos);
    if (n < 1_000) {
      return sign + n + "ns";
    }
    if (n < 1_000_000) {
      return sign + decimal(n, 3) + "\u00B5s";
    }
    if (n < 1_000_000_000) {
      return sign + decimal(n, 6) + "ms";
    }
    long hours = n / NANOS_PER_HOUR;
    long minutes = n / 60_000_000_000L % 60;
    String seconds = decimal(n % 60_000_000_000L, 9) + "s";
    String whole = hours > 0 ? hours + "h" + minutes + "m" : minutes > 0 ? minutes + "m" : "";
    return sign + whole + seconds;
  }

  private static final long NANOS_PER_HOUR = 3_600_000_000_000L;

  private static String decimal(long value, int scale) {
    return BigDecimal.valueOf(value, scale).stripTrailingZeros().toPlainString();
  }
}
