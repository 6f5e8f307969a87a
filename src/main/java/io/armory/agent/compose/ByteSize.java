package io.armory.agent.compose;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Byte counts: `64kb`, `1.5g`, `2 MiB`; units of 1024.
final class ByteSize {
  private static final String UNITS = "kmgtp";

  private ByteSize() {}

  /// `null`: not a size.
  static @Nullable Long parse(String text) {
    int end = text.length();
    while (end > 0 && "0123456789. ".indexOf(text.charAt(end - 1)) < 0) {
      end--;
    }
    String number = text.substring(0, end);
    String unit = text.substring(end).toLowerCase(Locale.ROOT);
    number = number.endsWith(" ") ? number.substring(0, number.length() - 1) : number;
    double size;
    try {
      size = Interpolation.decimal(number);
    } catch (NumberFormatException e) {
      return null;
    }
    double factor = factor(unit);
    return size < 0 || factor == 0 ? null : (Long) (long) (size * factor);
  }

  private static double factor(String unit) {
    if (unit.isEmpty() || unit.equals("b")) {
      return 1;
    }
    int power = UNITS.indexOf(unit.charAt(0));
    String rest = unit.substring(1);
    boolean known = power >= 0 && (rest.isEmpty() || rest.equals("b") || rest.equals("ib"));
    return known ? Math.pow(1024, power + 1.0) : 0;
  }
}
