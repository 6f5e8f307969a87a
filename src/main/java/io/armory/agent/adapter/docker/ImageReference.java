package io.armory.agent.adapter.docker;

import java.util.regex.Pattern;

/// `[REGISTRY/]REPOSITORY[:TAG|@DIGEST]`, as Docker reads it: the first part is a registry if it
/// has a dot or a colon or is `localhost`.
///
/// @param registry `docker.io` when none is said
/// @param repository with the registry, without the tag
/// @param tagOrDigest `latest` when none is said
record ImageReference(String registry, String repository, String tagOrDigest) {
  /// The grammar of the engine's own library, `distribution/reference`.
  private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";

  private static final String HOST =
      "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[0-9a-fA-F:]+])(?::[0-9]+)?";
  private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern VALID =
      Pattern.compile(
          "(?:"
              + HOST
              + "/)?"
              + PART
              + "(?:/"
              + PART
              + ")*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
              + "(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?");
  private static final int LONGEST_NAME = 255;

  /// Whether an engine may be asked for it.
  static boolean isValid(String reference) {
    return VALID.matcher(reference).matches()
        && parse(reference).repository().length() <= LONGEST_NAME;
  }

  /// Why it is not, shown so that what cannot be seen is seen.
  static String wrong(String reference) {
    var shown = reference.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    return "\"%s\" is no image reference: it is [HOST[:PORT]/]NAME[:TAG], the name in lower case and"
            .formatted(shown)
        + " without blanks; correct `image`, or the parameter it is made of";
  }

  static ImageReference parse(String reference) {
    int at = reference.indexOf('@');
    if (at >= 0) {
      var named = parse(reference.substring(0, at));
      return new ImageReference(named.registry, named.repository, reference.substring(at + 1));
    }
    int colon = reference.lastIndexOf(':');
    boolean tagged = colon > reference.lastIndexOf('/');
    var repository = tagged ? reference.substring(0, colon) : reference;
    var tag = tagged ? reference.substring(colon + 1) : "latest";
    return new ImageReference(registryOf(repository), repository, tag);
  }

  private static String registryOf(String repository) {
    int slash = repository.indexOf('/');
    var first = slash < 0 ? "" : repository.substring(0, slash);
    boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
    return host ? first : "docker.io";
  }
}
