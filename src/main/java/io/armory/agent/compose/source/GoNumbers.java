package io.armory.agent.compose.source;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Numbers and values as Go prints them: they end up in environments, labels and in the hash.
public final class GoNumbers {
  private GoNumbers() {}

  /// `fmt.Sprint`: `%v`.
  public static String value(@Nullable Object value) {
    return switch (value) {
      case null -> "<nil>";
      case Float f -> number(f.toString(), f.doubleValue(), -4, 6);
      case Double d -> number(d.toString(), d, -4, 6);
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(e -> e.getKey() + ":" + value(e.getValue()))
              .collect(Collectors.joining(" ", "map[", "]"));
      case List<?> list ->
          list.stream().map(GoNumbers::value).collect(Collectors.joining(" ", "[", "]"));
      default -> Objects.toString(value);
    };
  }

  /// `encoding/json`.
  public static String json(Number value) {
    return switch (value) {
      case Float f -> number(f.toString(), f.doubleValue(), -6, 21);
      case Double d -> number(d.toString(), d, -6, 21);
      default -> value.toString();
    };
  }

  /// Shortest digits, with an exponent below 10^low and from 10^high on.
  private static String number(String shortest, double value, int low, int high) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    if (Math.abs(value) == Double.MIN_VALUE) {
      // Java writes two digits at least.
      return value < 0 ? "-5e-324" : "5e-324";
    }
    BigDecimal digits = new BigDecimal(shortest).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= low && exponent < high) {
      return digits.toPlainString();
    }
    BigDecimal mantissa = digits.movePointLeft(exponent).stripTrailingZeros();
    String sign = exponent < 0 ? "-" : "+";
    int size = Math.abs(exponent);
    return mantissa.toPlainString() + "e" + sign + (size < 10 ? "0" + size : "" + size);
  }
}
