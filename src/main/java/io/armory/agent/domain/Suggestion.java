package io.armory.agent.domain;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// "Did you mean": the known name that a mistyped one is nearest to.
public final class Suggestion {
  /// Nobody mistypes a name of this length, and comparing long ones is dear.
  private static final int LONGEST = 40;

  private Suggestion() {}

  /// Case and the choice of `-` or `_` are free. Empty: none is near enough to be meant.
  public static Optional<String> of(String typed, Collection<String> known) {
    if (typed.length() > LONGEST) {
      return Optional.empty();
    }
    String best = null;
    int least = Math.max(1, Math.min(3, typed.length() / 3)) + 1;
    for (String candidate : known) {
      int distance = distance(plain(typed), plain(candidate));
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  /// Insertions, deletions, replacements and swaps of neighbours between the two.
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      d[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        d[i][j] =
            Math.min(d[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
