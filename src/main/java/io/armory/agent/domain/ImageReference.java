package io.armory.agent.domain;

import java.util.Optional;
import java.util.regex.Pattern;

/// `[REGISTRY/]REPOSITORY[:TAG|@DIGEST]`, as the engine reads it
/// (github.com/distribution/reference): the first part is a registry if it has a dot or a colon or
/// is `localhost`.
///
/// @param registry `docker.io` when none is said
/// @param repository with the registry, without the tag
/// @param tagOrDigest `latest` when none is said
public record ImageReference(String registry, String repository, String tagOrDigest) {
  private static final Pattern ID = Pattern.compile("(sha256:)?[0-9a-f]{64}");
  private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";

  /// 1 to 65535: the engine takes any number, and then dials none.
  private static final String PORT =
      "0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9a-fA-F:]+\\])(?::" + PORT + ")?");
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern DIGEST =
      Pattern.compile("[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}");
  private static final Pattern OF_CONTENT =
      Pattern.compile("(.+@)?(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})");
  private static final int MOST = 255;

  /// In all, so that no pattern sees more: a registry's name of 253, a repository of 255, a tag of
  /// 128 and the longest digest that is used are less.
  private static final int LONGEST = 1024;

  /// Why the engine would refuse it, after "is no image reference: "; empty: it would not.
  public static Optional<String> problem(String reference) {
    if (reference.isEmpty()) {
      return Optional.of("it is empty");
    }
    if (reference.length() > LONGEST) {
      return Optional.of("it is longer than " + LONGEST + " characters");
    }
    var odd =
        reference
            .chars()
            .filter(c -> Characters.isUnseen(c) || Character.isSpaceChar(c))
            .findFirst();
    if (odd.isPresent()) {
      return Optional.of("it has " + Characters.name(odd.getAsInt()) + " in it");
    }
    return ID.matcher(reference).matches() ? Optional.empty() : ofName(reference);
  }

  /// Whether it can only ever mean one content: by a digest, or an image's ID.
  public static boolean namesContent(String reference) {
    return OF_CONTENT.matcher(reference).matches();
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
    var hasRegistry = isRegistry(first);
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

  private static boolean isRegistry(String first) {
    return first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
  }

  /// Whether an engine may be asked for it.
  public static boolean isValid(String reference) {
    return problem(reference).isEmpty();
  }

  /// Why it is not, shown so that what cannot be seen is seen.
  public static String wrong(String reference) {
    var shown = reference.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    return "\"%s\" is no image reference: %s; correct `image`, or the parameter it is made of"
        .formatted(shown, problem(reference).orElse("an engine takes it"));
  }

  /// @param reference a valid one
  public static ImageReference parse(String reference) {
    int at = reference.indexOf('@');
    if (at >= 0) {
      var named = parse(reference.substring(0, at));
      return new ImageReference(named.registry, named.repository, reference.substring(at + 1));
    }
    int colon = reference.lastIndexOf(':');
    boolean tagged = colon > reference.lastIndexOf('/');
    var repository = tagged ? reference.substring(0, colon) : reference;
    var tag = tagged ? reference.substring(colon + 1) : "latest";
    int slash = repository.indexOf('/');
    var first = slash < 0 ? "" : repository.substring(0, slash);
    return new ImageReference(isRegistry(first) ? first : "docker.io", repository, tag);
  }
}
