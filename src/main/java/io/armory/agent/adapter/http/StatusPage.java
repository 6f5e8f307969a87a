package io.armory.agent.adapter.http;

import io.armory.agent.adapter.http.HealthAnswers.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// The status page: one file with its style and its script inside, and a policy that lets nothing
/// else run. Loaded when first asked for.
final class StatusPage {
  private static final String FILE = "status.html";

  private StatusPage() {}

  /// Loaded once, by the class loader's own rules.
  private static final class Loaded {
    static final String TEXT = text();
    static final Answer ANSWER = Answer.of(200, "text/html; charset=utf-8", TEXT);
    static final String POLICY =
        "default-src 'none'; script-src '%s'; style-src '%s'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            .formatted(hash("script"), hash("style"));

    private static String text() {
      try (var stream = StatusPage.class.getResourceAsStream(FILE)) {
        if (stream == null) {
          throw new IllegalStateException("not in the jar: " + FILE);
        }
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// As Content Security Policy wants it (CSP Level 3, hash sources): of the bytes between the
    /// tags.
    private static String hash(String element) {
      var start = TEXT.indexOf("<" + element + ">") + element.length() + 2;
      var inner = TEXT.substring(start, TEXT.indexOf("</" + element + ">", start));
      try {
        var digest = MessageDigest.getInstance("SHA-256");
        var hash = digest.digest(inner.getBytes(StandardCharsets.UTF_8));
        return "sha256-" + Base64.getEncoder().encodeToString(hash);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static Answer answer() {
    return Loaded.ANSWER;
  }

  static String policy() {
    return Loaded.POLICY;
  }
}
