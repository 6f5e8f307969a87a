package io.armory.agent.compose.source;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a plain scalar means in the reference's YAML, a hybrid of 1.1 and 1.2: 1.1's octal `0440`,
/// underscores and timestamps, 1.2's `0o440`; `on`, `yes` and `22:22` are strings.
public final class ScalarResolver {
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern DATE =
      Pattern.compile(
          "(\\d{4})-(\\d{1,2})-(\\d{1,2})(?:([Tt]| +)(\\d{1,2}):(\\d{1,2}):(\\d{1,2})(?:\\.(\\d{1,9}))?"
              + "(Z|[-+]\\d{2}:\\d{2})?)?");
  private static final Map<String, Optional<Object>> WORDS =
      Map.ofEntries(
          Map.entry("", Optional.empty()),
          Map.entry("~", Optional.empty()),
          Map.entry("null", Optional.empty()),
          Map.entry("Null", Optional.empty()),
          Map.entry("NULL", Optional.empty()),
          Map.entry("true", Optional.of(true)),
          Map.entry("True", Optional.of(true)),
          Map.entry("TRUE", Optional.of(true)),
          Map.entry("false", Optional.of(false)),
          Map.entry("False", Optional.of(false)),
          Map.entry("FALSE", Optional.of(false)),
          Map.entry(".nan", Optional.of(Double.NaN)),
          Map.entry(".NaN", Optional.of(Double.NaN)),
          Map.entry(".NAN", Optional.of(Double.NaN)),
          Map.entry(".inf", Optional.of(Double.POSITIVE_INFINITY)),
          Map.entry(".Inf", Optional.of(Double.POSITIVE_INFINITY)),
          Map.entry(".INF", Optional.of(Double.POSITIVE_INFINITY)),
          Map.entry("+.inf", Optional.of(Double.POSITIVE_INFINITY)),
          Map.entry("+.Inf", Optional.of(Double.POSITIVE_INFINITY)),
          Map.entry("+.INF", Optional.of(Double.POSITIVE_INFINITY)),
          Map.entry("-.inf", Optional.of(Double.NEGATIVE_INFINITY)),
          Map.entry("-.Inf", Optional.of(Double.NEGATIVE_INFINITY)),
          Map.entry("-.INF", Optional.of(Double.NEGATIVE_INFINITY)));

  private ScalarResolver() {}

  /// `null`, Boolean, Long, BigInteger, Double, [Node.Timestamp] or String.
  public static @Nullable Object resolve(String text) {
    Optional<Object> word = WORDS.get(text);
    if (word != null) {
      return word.orElse(null);
    }
    char first = text.charAt(0);
    boolean numeric = first == '.' || first == '-' || first == '+' || Character.isDigit(first);
    if (!numeric || first > '9') {
      return text;
    }
    if (first == '.') {
      return FLOAT.matcher(text).matches() ? number(text, text) : text;
    }
    String timestamp = timestamp(text);
    if (timestamp != null) {
      return new Node.Timestamp(timestamp);
    }
    String plain = text.replace("_", "");
    Object integer = integer(plain);
    if (integer != null) {
      return integer;
    }
    return FLOAT.matcher(plain).matches() ? number(plain, text) : text;
  }

  /// What is too large stays text.
  private static Object number(String digits, String text) {
    double number = Double.parseDouble(digits);
    return Double.isInfinite(number) ? text : (Object) number;
  }

  /// As Go's `strconv.ParseInt(text, 0, 64)`, then as an unsigned 64-bit number.
  private static @Nullable Object integer(String text) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String digits = (signed ? text.substring(1) : text).toLowerCase(Locale.ROOT);
    int radix = 10;
    if (digits.startsWith("0x")) {
      radix = 16;
    } else if (digits.startsWith("0b")) {
      radix = 2;
    } else if (digits.startsWith("0o")) {
      radix = 8;
    } else if (digits.length() > 1 && digits.startsWith("0")) {
      radix = 8;
      digits = "0o" + digits.substring(1);
    }
    digits = radix == 10 ? digits : digits.substring(2);
    if (digits.isEmpty() || digits.length() > 70 || !Character.isLetterOrDigit(digits.charAt(0))) {
      return null;
    }
    try {
      BigInteger value = new BigInteger(digits, radix);
      value = text.startsWith("-") ? value.negate() : value;
      if (value.bitLength() < 64) {
        return value.longValueExact();
      }
      return !signed && value.bitLength() == 64 ? value : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable String timestamp(String text) {
    Matcher m = DATE.matcher(text);
    if (!m.matches()) {
      return null;
    }
    String zone = m.group(9);
    boolean time = m.group(4) != null;
    // "2001-12-14 21:59:43" has no zone; the T forms must have one.
    if (time && (zone == null) != m.group(4).startsWith(" ")) {
      return null;
    }
    try {
      LocalDate date =
          LocalDate.of(
              Integer.parseInt(m.group(1)),
              Integer.parseInt(m.group(2)),
              Integer.parseInt(m.group(3)));
      String clock = time ? clock(m) : "00:00:00";
      return clock == null ? null : date + " " + clock + " " + zone(zone);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static @Nullable String clock(Matcher m) {
    int hour = Integer.parseInt(m.group(5));
    int minute = Integer.parseInt(m.group(6));
    int second = Integer.parseInt(m.group(7));
    if (hour > 23 || minute > 59 || second > 59) {
      return null;
    }
    String fraction = m.group(8) == null ? "" : m.group(8).replaceAll("0+$", "");
    String clock = String.format(Locale.ROOT, "%02d:%02d:%02d", hour, minute, second);
    return fraction.isEmpty() ? clock : clock + "." + fraction;
  }

  private static String zone(@Nullable String zone) {
    if (zone == null || zone.equals("Z")) {
      return "+0000 UTC";
    }
    String offset = zone.replace(":", "");
    return offset + " " + offset;
  }
}
