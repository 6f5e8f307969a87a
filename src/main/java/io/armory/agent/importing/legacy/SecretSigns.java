package io.armory.agent.importing.legacy;

import io.armory.agent.domain.Parameters;
import java.util.Locale;
import java.util.regex.Pattern;

/// What looks like a secret: by the name it goes by, or by what it is.
final class SecretSigns {
  private static final Pattern KEY =
      Pattern.compile(
          "(?i).*(password|passwd|passphrase|secret|token|api-?_?key|access-?_?key|secret-?_?key|"
              + "private-?_?key|credentials?)");

  /// Where a secret is, or how long it lives, is none.
  private static final Pattern ABOUT_ONE =
      Pattern.compile("(?i).*(path|file|url|uri|name|enabled|timeout|interval|id)");

  private static final Pattern LOGIN_IN_URL =
      Pattern.compile("[a-z][a-z0-9+.-]*://[^/@\\s]*:[^/@\\s]+@.*");
  private static final Pattern NO_SECRET =
      Pattern.compile(
          "(?i)|true|false|null|~|[0-9]{1,3}|\\$\\{[^}:]+(:)?}|\\$[A-Za-z_][A-Za-z0-9_]*");

  /// Placeholders of a value that hold no secret of their own do not make it one.
  private static final Pattern FALLBACK = Pattern.compile("\\$\\{[^}:]+:([^}]+)}");

  private SecretSigns() {}

  static boolean isSecret(String key, String value) {
    var fallback = FALLBACK.matcher(value);
    var own = fallback.matches() ? fallback.group(1) : value;
    if (NO_SECRET.matcher(own).matches()) {
      return false;
    }
    return LOGIN_IN_URL.matcher(own).matches()
        || (KEY.matcher(key).matches() && !ABOUT_ONE.matcher(key).matches());
  }

  static boolean isPrivateKey(String text) {
    return text.contains("PRIVATE KEY-----");
  }

  /// A variable for what is configured somewhere else, that the agent knows for a secret.
  static String variable(String... parts) {
    var name =
        String.join("_", parts)
            .replaceAll("[^A-Za-z0-9]+", "_")
            .replaceAll("^_+|_+$", "")
            .toUpperCase(Locale.ROOT);
    return Parameters.SECRET_NAME.matcher(name).matches() ? name : name + "_SECRET";
  }
}
