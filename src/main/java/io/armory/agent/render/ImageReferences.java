package io.armory.agent.render;

import java.util.Optional;
import java.util.regex.Pattern;

/// What the engine takes for the name of an image (github.com/distribution/reference).
final class ImageReferences {
  private static final Pattern ID = Pattern.compile("(sha256:)?[0-9a-f]{64}");
  private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
  private static final Pattern REGISTRY =
      Pattern.compile("(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?");
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern DIGEST =
      Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}");
  private static final int MOST = 255;

  private ImageReferences() {}

  /// Why the engine would refuse it, after "is no image reference: "; empty: it would not.
  static Optional<String> problem(String reference) {
    if (reference.isEmpty()) {
      return Optional.of("it is empty");
    }
    var odd = reference.chars().filter(c -> c <= ' ' || c == 0x7f).findFirst();
    if (odd.isPresent()) {
      return Optional.of("it has " + Characters.name(odd.getAsInt()) + " in it");
    }
    return ID.matcher(reference).matches() ? Optional.empty() : ofName(reference);
  }

  private static Optional<String> ofName(String reference) {
    var at = reference.indexOf('@');
    if (at >= 0 && !DIGEST.matcher(reference.substring(at + 1)).matches()) {
      return Optional.of("'" + reference.substring(at + 1) + "' is no digest");
    }
    var name = at < 0 ? reference : reference.substring(0, at);
    var colon = name.indexOf(':', name.lastIndexOf('/') + 1);
    if (colon >= 0 && !TAG.matcher(name.substring(colon + 1)).matches()) {
      return Optional.of("'" + name.substring(colon + 1) + "' is no tag");
    }
    name = colon < 0 ? name : name.substring(0, colon);
    var slash = name.indexOf('/');
    var first = slash < 0 ? "" : name.substring(0, slash);
    var hasRegistry =
        first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
    if (hasRegistry && !REGISTRY.matcher(first).matches()) {
      return Optional.of("'" + first + "' is no registry");
    }
    var repository = hasRegistry ? name.substring(slash + 1) : name;
    if (!REPOSITORY.matcher(repository).matches()) {
      return Optional.of(
          REPOSITORY.matcher(repository.toLowerCase(java.util.Locale.ROOT)).matches()
              ? "'" + repository + "' must be lowercase"
              : "'" + repository + "' is no repository");
    }
    return name.length() > MOST
        ? Optional.of("it is longer than " + MOST + " characters")
        : Optional.empty();
  }
}
