package io.armory.agent.adapter.docker.http;

/// Paths of the Engine API, built from names: whatever a name contains, it is one name and no other
/// request.
public final class Paths {
  private Paths() {}

  /// @param what of the object, such as `/json`; empty: the object itself
  public static String container(String idOrName, String what) {
    return "/containers/" + encoded(idOrName) + what;
  }

  public static String network(String idOrName, String what) {
    return "/networks/" + encoded(idOrName) + what;
  }

  public static String volume(String name) {
    return "/volumes/" + encoded(name);
  }

  /// The engine takes the slashes of an image's name as they are.
  public static String image(String reference, String what) {
    return "/images/"
        + encoded(reference).replace("%2F", "/").replace("%3A", ":").replace("%40", "@")
        + what;
  }

  private static String encoded(String name) {
    return Query.encode(name).replace("+", "%20");
  }
}
