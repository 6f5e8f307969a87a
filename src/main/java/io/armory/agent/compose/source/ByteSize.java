package io.armory.agent.compose.source;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Byte counts: `64kb`, `1.5g`, `2 MiB`, `1e3`; units of 1024. As the reference's library go-units
/// reads them.
public final class ByteSize {
  private static final String UNITS = "kmgtp";
  private static final Pattern SIZE = Pattern.compile("(.*?) ?(|b|[kmgtp](?:b|ib)?)");
  private static final double TOO_LARGE = 0x1p63;

  private ByteSize() {}

  /// `null`: not a size.
  public static @Nullable Long parse(String text) {
    var size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      return null;
    }
    double number;
    try {
      number = ScalarCasts.decimal(size.group(1));
    } catch (NumberFormatException e) {
      return null;
    }
    if (number < 0 || Double.isInfinite(number)) {
      return null;
    }
    int unit = size.group(2).isEmpty() ? -1 : UNITS.indexOf(size.group(2).charAt(0));
    double bytes = number * Math.pow(1024, unit + 1.0);
    // What is too large becomes the least number there is, as in the reference.
    return bytes >= TOO_LARGE ? Long.MIN_VALUE : (Long) (long) bytes;
  }
}
