package io.armory.agent.compose.source;

import io.armory.agent.domain.Suggestion;
import java.util.Collection;
import java.util.Map;

/// What to write instead of a key or word that is not known.
public final class KeyHint {
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

  private KeyHint() {}

  public static String forKey(String key, Collection<String> known, Diagnostics findings) {
    String hint = KNOWN.get(key);
    return hint != null && !known.contains(key)
        ? hint
        : among(key, known, "remove it, or name it x-" + key + " if it is your own", findings);
  }

  /// @param findings where there is no room for more, nobody compares
  public static String among(
      String word, Collection<String> known, String otherwise, Diagnostics findings) {
    return findings.full()
        ? otherwise
        : Suggestion.of(word, known).map(near -> "did you mean '" + near + "'?").orElse(otherwise);
  }
}
