package io.armory.agent.domain.stack;

/// What an action is done to.
///
/// @param name a service's, the key of a network or volume, an image's reference
public record Subject(Kind kind, String name) {
  public enum Kind {
    SERVICE,
    IMAGE,
    NETWORK,
    VOLUME
  }

  public static Subject service(String name) {
    return new Subject(Kind.SERVICE, name);
  }

  /// As plans, events and `status` name it: a service by its name alone, anything else as `network
  /// NAME`.
  @Override
  public String toString() {
    return switch (kind) {
      case SERVICE -> name;
      case IMAGE -> "image " + name;
      case NETWORK -> "network " + name;
      case VOLUME -> "volume " + name;
    };
  }
}
