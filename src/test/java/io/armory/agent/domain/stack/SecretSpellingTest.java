package io.armory.agent.domain.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every spelling in which a secret was seen in what programs write.
class SecretSpellingTest {
  private final KnownSecrets secrets = new KnownSecrets();

  private void isMasked(String secret, String text) {
    secrets.learn(secret);
    assertThat(secrets.masked("before " + text + " after"))
        .startsWith("before ")
        .contains("********")
        .endsWith(" after")
        .doesNotContain(secret)
        .hasSizeLessThan("before  after".length() + 30);
  }

  static List<String> values() {
    return List.of("hunter2!x", "p@ss/w+rd=?&", "a'b\"c\\d$e", "t\u00f6ken <7> \u20ac", "?>~?>~ab");
  }

  @ParameterizedTest
  @MethodSource("values")
  void base64_in_all_alignments_and_both_alphabets(String secret) {
    for (var around : List.of("", "u:", "user:", "me:", "name:", "x")) {
      var bytes = (around + secret).getBytes(UTF_8);
      for (var encoder :
          List.of(
              Base64.getEncoder(),
              Base64.getUrlEncoder(),
              Base64.getEncoder().withoutPadding(),
              Base64.getUrlEncoder().withoutPadding())) {
        isMasked(secret, encoder.encodeToString(bytes));
      }
      var more = (around + secret + ":more").getBytes(UTF_8);
      var text = Base64.getEncoder().encodeToString(more);
      secrets.learn(secret);
      assertThat(secrets.masked(text)).contains("********");
      isMasked(secret, URLEncoder.encode(Base64.getEncoder().encodeToString(bytes), UTF_8));
      isMasked(secret, Base64.getEncoder().encodeToString(bytes).replace("/", "\\/"));
      isMasked(secret, Base64.getEncoder().encodeToString(bytes).replace("=", "\\u003d"));
    }
  }

  @ParameterizedTest
  @MethodSource("values")
  void hex_and_percent_in_both_cases(String secret) {
    isMasked(secret, HexFormat.of().formatHex(secret.getBytes(UTF_8)));
    isMasked(secret, HexFormat.of().withUpperCase().formatHex(secret.getBytes(UTF_8)));
    var percent = URLEncoder.encode(secret, UTF_8);
    isMasked(secret, percent);
    isMasked(secret, percent.replace("+", "%20"));
    isMasked(secret, lower(percent));
    isMasked(secret, URLEncoder.encode(percent, UTF_8));
  }

  private static String lower(String percent) {
    var text = new StringBuilder(percent);
    for (var i = text.indexOf("%"); i >= 0; i = text.indexOf("%", i + 1)) {
      text.replace(i, i + 3, text.substring(i, i + 3).toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\\/b=c&d'e\"f",
        "a/b\\u003dc\\u0026d\\u0027e\\\"f",
        "a/b\\u003Dc\\u0026d\\u0027e\\u0022f",
        "a\\\\/b=c&d'e\\\\\\\"f",
        "a/b=c&amp;d&#39;e&quot;f",
        "a/b=c&amp;d&apos;e&#34;f",
        "a&#x2F;b&#x3D;c&#038;d&#x27;e&#X22;f",
        "a/b=c&d'\\''e\"f",
        "a/b=c&d'\"'\"'e\"f",
        "a/b\\=c\\&d\\'e\\\"f",
        "a%2fb%3dc%26d%27e%22f",
        "a%2Fb=c%26d'e%22f",
      })
  void json_html_and_shell(String written) {
    isMasked("a/b=c&d'e\"f", written);
  }

  @Test
  void what_is_between_words_may_be_anything() {
    isMasked("two words\nand\ta line", "two words\\nand\\ta line");
    isMasked("back\\slash-here", "back\\\\slash-here");
    isMasked("smile\uD83D\uDE00here", "smile\\ud83d\\ude00here");
  }

  /// Encoders of the JDK, with seeds: none may bring a value through.
  @Test
  void random_values_are_found_within_random_surroundings() {
    var random = new Random(20);
    for (var i = 0; i < 300; i++) {
      var secret = word(random, 6 + random.nextInt(20));
      var all = word(random, random.nextInt(5)) + ":" + secret;
      isMasked(secret, Base64.getEncoder().encodeToString(all.getBytes(UTF_8)));
      isMasked(secret, lower(URLEncoder.encode(secret, UTF_8)));
    }
  }

  private static String word(Random random, int length) {
    var text = new StringBuilder();
    for (var i = 0; i < length; i++) {
      text.append((char) ('!' + random.nextInt(94)));
    }
    return text.toString();
  }

  @Test
  void innocent_text_stays() {
    secrets.learn("hunter2-of-the-night");
    var text =
        "GET /health 200 in 3 ms; image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b8";
    assertThat(secrets.masked(text)).isEqualTo(text);
  }
}
