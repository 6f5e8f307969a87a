package io.armory.agent.cli;

/// The agent's version, from the jar's manifest.
public final class Version {
  private Version() {}

  public static String current() {
    var version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /// As `version` prints it.
  static String line() {
    return "armory-agent " + current();
  }
}
