package io.armory.agent.adapter.docker;

/// `[REGISTRY/]REPOSITORY[:TAG|@DIGEST]`, as Docker reads it: the first part is a registry if it
/// has a dot or a colon or is `localhost`.
///
/// @param registry `docker.io` when none is said
/// @param repository with the registry, without the tag
/// @param tagOrDigest `latest` when none is said
record ImageReference(String registry, String repository, String tagOrDigest) {

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
