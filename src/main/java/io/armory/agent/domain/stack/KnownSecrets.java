package io.armory.agent.domain.stack;

import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Every secret value that was seen so far, to be masked in text that others wrote: what a service
/// logs is not ours to choose. A value that was replaced stays known, as older log lines still have
/// it. Safe for use by several threads.
public final class KnownSecrets {
  /// More than any stack has; the oldest is forgotten first.
  private static final int KEPT = 2_000;

  /// Of a value that is a part of a secret file, and may as well be a host name or a flag.
  private static final int TELLING_PART = 8;

  /// `password: x`, `"token": "x"`, `CLIENT_SECRET=x`, in whatever file: secrets nobody declared.
  private static final Pattern NAMED =
      Pattern.compile(
          "(?i)((?:password|passwd|passphrase|secret|token|private[_.-]?key|access[_.-]?key)\"?\\s*[:=]\\s*)"
              + "(?!\"?(?:true|false|null)\\b)(\"[^\"\\n]+\"|'[^'\\n]+'|[^\\s\"',}\\]\\[{|>]+)");

  /// `Authorization: Basic dXNlcjpzZWNyZXQ=`.
  private static final Pattern AUTHORIZATION =
      Pattern.compile("(?i)(authorization\"?\\s*[:=]\\s*\"?(?:basic|bearer)\\s+)[^\\s\",]+");

  /// `redis://user:password@host`.
  private static final Pattern IN_URL = Pattern.compile("(://[^\\s/:@\"']*:)([^\\s/@\"']+)(@)");

  /// Where a line of a secret file has its value.
  private static final Pattern VALUE = Pattern.compile("[:=]\\s+|=|\\s+");

  private final Set<String> values = new LinkedHashSet<>();
  private List<SecretSpelling> spellings = List.of();

  public synchronized void learn(String secret) {
    var text = secret.strip();
    if (text.isEmpty() || values.contains(text)) {
      return;
    }
    values.add(text);
    if (text.contains("\n")) {
      text.lines().forEach(this::learnLine);
    }
    while (values.size() > KEPT) {
      values.remove(values.iterator().next());
    }
    spellings = List.of();
  }

  /// `key: value` has one in its value, a line of a PEM file is one.
  private void learnLine(String line) {
    var parts = VALUE.split(line.strip());
    Stream.of(parts)
        .skip(parts.length > 1 ? 1 : 0)
        .map(part -> part.strip().replaceAll("^[\"']|[\"',]+$", ""))
        .filter(part -> part.length() >= TELLING_PART)
        .forEach(values::add);
  }

  /// @param parameters as read, or as shown: secrets are in both
  public void learn(Parameters parameters) {
    var masked = parameters.masked();
    Stream.of(masked.variables(), masked.files(), masked.settings())
        .flatMap(all -> all.values().stream())
        .forEach(p -> {
          if (p.value() instanceof Parameters.Hidden(var secret)) {
            learn(secret.reveal());
          }
        });
  }

  /// @param secretsDirectory whatever lies below it is a secret
  public void learn(Revision revision, String secretsDirectory) {
    for (var file : revision.files()) {
      if (file.path().startsWith(secretsDirectory + "/")) {
        learn(new String(file.content().bytes(), StandardCharsets.UTF_8));
      }
    }
  }

  /// The text with every known secret replaced, in the spellings it may have there.
  public String masked(String text) {
    var result = text;
    for (var spelling : spellings()) {
      result = spelling.masked(result);
    }
    return result;
  }

  /// As [#masked], and with what is a secret by its name, known or not. For files that leave the
  /// node.
  public String maskedAsToo(String text) {
    var named = NAMED.matcher(masked(text)).replaceAll("$1" + Secret.MASK);
    var allowed = AUTHORIZATION.matcher(named).replaceAll("$1" + Secret.MASK);
    return IN_URL.matcher(allowed).replaceAll("$1" + Secret.MASK + "$3");
  }

  private synchronized List<SecretSpelling> spellings() {
    if (spellings.isEmpty() && !values.isEmpty()) {
      spellings =
          values.stream()
              // A secret may be the beginning of another.
              .sorted(Comparator.comparingInt(String::length).reversed())
              .flatMap(value -> SecretSpelling.of(value).stream())
              .toList();
    }
    return spellings;
  }
}
