package io.armory.agent.domain;

import java.util.Optional;

/// How many nodes of a group may change or be out of service at once: a number of nodes, or a share
/// of those that are there.
///
/// @param number of nodes, or per cent of them
public record MaxUnavailable(int number, boolean isShare) {
  public static final MaxUnavailable ONE = new MaxUnavailable(1, false);

  public MaxUnavailable {
    if (number < 1 || (isShare && number > 100)) {
      throw new IllegalArgumentException(number + (isShare ? "%" : "") + " cannot be kept to");
    }
  }

  /// @param text `2`, or `10%`; empty: it is neither
  public static Optional<MaxUnavailable> parse(String text) {
    var share = text.endsWith("%");
    var digits = share ? text.substring(0, text.length() - 1) : text;
    if (!digits.matches("[1-9][0-9]{0,4}") || (share && Integer.parseInt(digits) > 100)) {
      return Optional.empty();
    }
    return Optional.of(new MaxUnavailable(Integer.parseInt(digits), share));
  }

  /// In a group of so many nodes: never fewer than one, or nothing could ever change.
  public int of(int nodes) {
    return isShare ? Math.max(1, nodes * number / 100) : number;
  }

  @Override
  public String toString() {
    return number + (isShare ? "%" : "");
  }
}
