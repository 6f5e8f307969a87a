package io.armory.agent.domain.stack;

import io.armory.agent.domain.Secret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// One way in which a secret may be written in a text: as it is, as URLs, JSON, HTML and shells
/// write it, in base64 or base64url, also within something longer such as `user:secret`, or in hex.
///
/// @param telltale a part that every text has which contains it: looking for that costs a
///   hundredth; empty: there is none
record SecretSpelling(String telltale, Pattern pattern) {
  /// A shorter value is masked only where it stands alone: it is in too many innocent words.
  private static final int TELLING = 4;

  /// Characters of base64 that may as well be by chance.
  private static final int TELLING_BASE64 = 5;

  private static final Map<Integer, String> NAMED =
      Map.of(
          (int) '&',
          "amp",
          (int) '<',
          "lt",
          (int) '>',
          "gt",
          (int) '"',
          "quot",
          (int) '\'',
          "apos");

  static List<SecretSpelling> of(String value) {
    if (value.length() < TELLING) {
      var alone = "(?<![A-Za-z0-9])" + Pattern.quote(value) + "(?![A-Za-z0-9])";
      return List.of(new SecretSpelling(value, Pattern.compile(alone)));
    }
    var all = new ArrayList<SecretSpelling>();
    all.add(new SecretSpelling(longestWord(value), Pattern.compile(escaped(value))));
    var bytes = value.getBytes(StandardCharsets.UTF_8);
    for (var before = 0; before < 3; before++) {
      base64(bytes, before, all);
    }
    for (var format : List.of(HexFormat.of(), HexFormat.of().withUpperCase())) {
      var hex = format.formatHex(bytes);
      all.add(new SecretSpelling(hex, Pattern.compile(hex)));
    }
    return all;
  }

  String masked(String text) {
    return text.contains(telltale) ? pattern.matcher(text).replaceAll(Secret.MASK) : text;
  }

  // ---------------------------------------------------------------- as it is, or escaped

  /// Letters and digits are written as they are everywhere; what stands between them is not.
  private static String escaped(String value) {
    var pattern = new StringBuilder();
    value
        .codePoints()
        .forEach(c -> pattern.append(isWord(c) ? Character.toString(c) : spellings(c)));
    return pattern.toString();
  }

  private static boolean isWord(int c) {
    return c < 128 && Character.isLetterOrDigit(c);
  }

  private static String spellings(int c) {
    var text = Character.toString(c);
    var ways = new ArrayList<String>();
    // JSON and shells put backslashes before it, one in another puts several.
    ways.add((c == '\\' ? "\\\\{1,4}" : "\\\\{0,3}" + Pattern.quote(text)));
    ways.add(percent(text));
    var units = new StringBuilder();
    text.chars().forEach(unit -> units.append("\\\\{1,2}u(?i:%04x)".formatted(unit)));
    ways.add(units.toString());
    ways.add("&#(?:0*%d|[xX]0*(?i:%x));".formatted(c, c));
    if (NAMED.containsKey(c)) {
      ways.add("&" + NAMED.get(c) + ";");
    }
    switch (c) {
      case ' ' -> ways.add("\\+|%2[bB]");
      case '\n' -> ways.add("\\\\{1,2}n|\r\n");
      case '\t' -> ways.add("\\\\{1,2}t");
      case '\'' -> ways.add("'(?:\\\\''|\"'\"')");
      default -> {}
    }
    // The longest first: a quote within quotes begins with a quote.
    return "(?:" + String.join("|", ways.reversed()) + ")";
  }

  /// `%2F`, `%2f`, and `%252F` of a URL within a URL.
  private static String percent(String text) {
    var pattern = new StringBuilder();
    for (var b : text.getBytes(StandardCharsets.UTF_8)) {
      pattern.append("%(?:25)?(?i:").append(HexFormat.of().toHexDigits(b)).append(')');
    }
    return pattern.toString();
  }

  private static String longestWord(String value) {
    return Arrays.stream(value.split("[^A-Za-z0-9]+", -1))
        .reduce("", (a, b) -> b.length() > a.length() ? b : a);
  }

  // ---------------------------------------------------------------- base64

  /// Of what surrounds the value, the characters at its ends have bits, too: those between have
  /// not.
  ///
  /// @param before bytes before it, modulo 3
  private static void base64(byte[] value, int before, List<SecretSpelling> all) {
    var shifted = new byte[before + value.length];
    System.arraycopy(value, 0, shifted, before, value.length);
    var text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
    var from = (before * 8 + 5) / 6;
    var to = shifted.length * 8 / 6;
    if (to - from < TELLING_BASE64) {
      return;
    }
    var inner = text.substring(from, to);
    var pattern = new StringBuilder(before == 0 ? "" : "[A-Za-z0-9+/_-]?");
    inner
        .chars()
        .forEach(c ->
            pattern.append(
                switch (c) {
                  case '+' -> "(?:[+-]|\\\\u002[bB]|%2[bB])";
                  case '/' -> "(?:\\\\?/|_|\\\\u002[fF]|%2[fF])";
                  default -> Character.toString(c);
                }));
    if (shifted.length * 8 % 6 != 0) {
      pattern.append("[A-Za-z0-9+/_-]?");
    }
    pattern.append("(?:={1,2}|(?:%3[dD]){1,2}|(?:\\\\u003[dD]){1,2})?");
    all.add(new SecretSpelling(longestWord(inner), Pattern.compile(pattern.toString())));
  }
}
