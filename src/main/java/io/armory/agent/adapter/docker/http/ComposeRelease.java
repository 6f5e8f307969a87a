package io.armory.agent.adapter.docker.http;

import io.armory.agent.domain.stack.ComposeGeneration;

/// The Docker Compose in whose name containers are labelled.
///
/// @param version as in the label `com.docker.compose.version`
public record ComposeRelease(String version, ComposeGeneration generation) {
  /// Of a node on which none is found.
  public static final ComposeRelease NEWEST = of(ComposeGeneration.NEWEST.release());

  public static ComposeRelease of(String version) {
    return new ComposeRelease(version, ComposeGeneration.of(version));
  }
}
