package io.armory.agent.domain;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// A value that does not show itself: not in `toString`, not in a record that holds it.
public final class Secret {
  public static final String MASK = "********";

  private final String value;

  public Secret(String value) {
    this.value = value;
  }

  /// The value itself, for the one place that hands it on.
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret s
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), s.value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return MASK;
  }
}
