package io.armory.agent.compose;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What somebody may have meant.
final class Suggestion {
  /// Keys of older file formats, of newer ones, and of docker's command line.
  private static final Map<String, String> KNOWN =
      Map.ofEntries(
          Map.entry("net", "use network_mode"),
          Map.entry("log_driver", "use logging: {driver: …}"),
          Map.entry("log_opt", "use logging: {options: …}"),
          Map.entry("volume_driver", "set driver: on the volume under 'volumes:'"),
          Map.entry("dockerfile", "use build: {dockerfile: …} elsewhere and name the image here"),
          Map.entry("provider", "providers are not supported; run the service in a container"),
          Map.entry("models", "models are not supported; remove it"),
          Map.entry("use_api_socket", "not supported; mount the socket as a volume if you must"),
          Map.entry("env", "use environment"),
          Map.entry("memory", "use mem_limit"),
          Map.entry("cpu", "use cpus"),
          Map.entry("volume", "use volumes"),
          Map.entry("port", "use ports"),
          Map.entry("restart_policy", "use restart, or deploy: {restart_policy: …}"));

  private Suggestion() {}

  static String forKey(String key, Collection<String> known) {
    String hint = KNOWN.get(key);
    return hint != null && !known.contains(key)
        ? hint
        : among(key, known, "remove it, or name it x-" + key + " if it is your own");
  }

  static String among(String word, Collection<String> known, String otherwise) {
    String near = nearest(word, known);
    return near == null ? otherwise : "did you mean '" + near + "'?";
  }

  private static @Nullable String nearest(String word, Collection<String> known) {
    String best = null;
    int least = Math.max(1, Math.min(3, word.length() / 3)) + 1;
    for (String candidate : known) {
      int distance =
          word.length() > 40 ? least : distance(word.toLowerCase(Locale.ROOT), candidate);
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best;
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
