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
    String word = plain(typed);
    int least = Math.max(1, Math.min(3, typed.length() / 3)) + 1;
    for (String candidate : known) {
      boolean near = Math.abs(candidate.length() - typed.length()) < least;
      int distance = near ? distance(word, plain(candidate), least) : least;
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

  /// Insertions, deletions, replacements and swaps of neighbours between the two, up to `most`.
  private static int distance(String a, String b, int most) {
    int[] above = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    int leastOfLast = 0;
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      int least = i;
      for (int j = 1; j <= b.length(); j++) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        row[j] = Math.min(last[j - 1] + (same ? 0 : 1), 1 + Math.min(last[j], row[j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          row[j] = Math.min(row[j], above[j - 2] + 1);
        }
        least = Math.min(least, row[j]);
      }
      if (least >= most && leastOfLast >= most) {
        return most;
      }
      leastOfLast = least;
      int[] free = above;
      above = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
