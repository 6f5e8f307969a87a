package io.armory.agent.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// "Did you mean": the known name nearest to a mistyped one.
public final class Suggestion {
  private Suggestion() {}

  /// Empty when nothing is near enough to be meant.
  public static Optional<String> of(String typed, Collection<String> known) {
    return known.stream()
        .filter(k -> distance(typed, k) <= Math.max(1, Math.min(typed.length(), k.length()) / 3))
        .min(Comparator.<String>comparingInt(k -> distance(typed, k)).thenComparing(k -> k));
  }

  /// Levenshtein's, case and the choice of `-` or `_` being free.
  private static int distance(String left, String right) {
    var a = left.toLowerCase(java.util.Locale.ROOT).replace('-', '_');
    var b = right.toLowerCase(java.util.Locale.ROOT).replace('-', '_');
    var row = new int[b.length() + 1];
    for (var j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (var i = 1; i <= a.length(); i++) {
      var diagonal = row[0];
      row[0] = i;
      for (var j = 1; j <= b.length(); j++) {
        var above = row[j];
        var change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
