package io.armory.agent.compose.source;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Text as the number or boolean that an attribute's type asks for, read as the reference's
/// language reads it.
public final class ScalarCasts {
  private ScalarCasts() {}

  /// Decimal digits with an optional sign, as Go's `strconv.Atoi`.
  public static long integer(String value) {
    return Long.parseLong(value);
  }

  /// As Go's `strconv.ParseFloat`: no surrounding space, no `d` or `f` at the end.
  public static double decimal(String value) {
    if (value.isEmpty() || value.chars().anyMatch(c -> "0123456789+-.eE".indexOf(c) < 0)) {
      throw new NumberFormatException("not a number");
    }
    return Double.parseDouble(value);
  }

  /// YAML 1.1's words are taken with a warning; `null`: none of them.
  public static @Nullable Boolean bool(String value, Diagnostics findings) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      case "y", "yes", "on" -> {
        findings.warn(old(value, "true"));
        yield true;
      }
      case "n", "no", "off" -> {
        findings.warn(old(value, "false"));
        yield false;
      }
      default -> null;
    };
  }

  private static String old(String value, String instead) {
    return "\""
        + value
        + "\" for boolean is not supported by YAML 1.2, please use `"
        + instead
        + "`";
  }
}
