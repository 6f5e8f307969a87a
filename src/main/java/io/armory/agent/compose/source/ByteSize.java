package io.armory.agent.compose.source;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Byte counts: `64kb`, `1.5g`, `2 MiB`; units of 1024.
public final class ByteSize {
  private static final String UNITS = "kmgtp";
  private static final Pattern SIZE =
      Pattern.compile("(\\d+(?:\\.\\d+)?|\\.\\d+) ?([kmgtp]?)i?b?", Pattern.CASE_INSENSITIVE);

  private ByteSize() {}

  /// `null`: not a size.
  public static @Nullable Long parse(String text) {
    var size = SIZE.matcher(text);
    if (!size.matches()) {
      return null;
    }
    var unit = size.group(2).toLowerCase(Locale.ROOT);
    double factor = unit.isEmpty() ? 1 : Math.pow(1024, UNITS.indexOf(unit) + 1.0);
    return (long) (ScalarCasts.decimal(size.group(1)) * factor);
  }
}
