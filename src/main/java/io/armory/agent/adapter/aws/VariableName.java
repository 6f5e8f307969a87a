package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Problem;
import java.util.Optional;
import java.util.regex.Pattern;

/// What may be the name and the value of a variable, and the name of a Spinnaker file.
final class VariableName {
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}");

  private VariableName() {}

  static boolean isVariable(String name) {
    return VARIABLE.matcher(name).matches();
  }

  static boolean isFile(String name) {
    return FILE.matcher(name).matches();
  }

  /// What makes a value unfit for an environment and for a text file. `$`, line breaks and length
  /// do not: a value is literal. Never repeats the value: it may be a secret.
  static Optional<Problem> unfit(String where, String value) {
    for (var i = 0; i < value.length(); i++) {
      var c = value.charAt(i);
      if (c == '\0') {
        return Optional.of(
            new Problem(where, "the value holds a NUL at position " + (i + 1), "put it without"));
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return Optional.of(
            new Problem(
                where, "the value is not Unicode at position " + (i + 1), "put it as UTF-8"));
      }
    }
    return Optional.empty();
  }

  /// U+FFFD stands where bytes that were not UTF-8 have been: usable, but hardly meant.
  static Optional<Problem> suspicious(String where, String value) {
    return value.indexOf('\uFFFD') < 0
        ? Optional.empty()
        : Optional.of(
            new Problem(
                where,
                "the value holds U+FFFD, the mark of bytes that were not UTF-8",
                "put it again as UTF-8"));
  }
}
