package io.armory.agent.compose.source;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Text as the number or boolean that an attribute's type asks for, read as the reference's
/// language reads it.
public final class ScalarCasts {
  /// Go's numbers in base 16, which must have an exponent.
  private static final Pattern HEXADECIMAL =
      Pattern.compile("[+-]?0[xX][0-9a-fA-F]+\\.?[0-9a-fA-F]*[pP][+-]?[0-9]+");

  private static final Pattern UNDERSCORE = Pattern.compile("(?<=[0-9])_(?=[0-9])");

  private ScalarCasts() {}

  /// Decimal digits with an optional sign, as Go's `strconv.Atoi`.
  public static long integer(String value) {
    return Long.parseLong(value);
  }

  /// As Go's `strconv.ParseFloat`: no surrounding space, no `d` or `f` at the end.
  public static double decimal(String text) {
    String value = UNDERSCORE.matcher(text).replaceAll("");
    if (HEXADECIMAL.matcher(value).matches()) {
      return Double.parseDouble(value);
    }
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
