package io.armory.agent.domain;

import java.util.Set;

/// What the engine of this node has, as it says itself. An empty set is not known: nothing is
/// judged by it.
///
/// @param release the first number of its version, 0 if it has none that is known
/// @param processors of the node, 0 if that is not known
public record EngineAbilities(
    int release,
    int processors,
    Set<String> logDrivers,
    Set<String> networkDrivers,
    Set<String> volumeDrivers,
    Set<String> runtimes) {
  public static final EngineAbilities UNKNOWN =
      new EngineAbilities(0, 0, Set.of(), Set.of(), Set.of(), Set.of());

  public EngineAbilities {
    logDrivers = Set.copyOf(logDrivers);
    networkDrivers = Set.copyOf(networkDrivers);
    volumeDrivers = Set.copyOf(volumeDrivers);
    runtimes = Set.copyOf(runtimes);
  }

  /// Whether it may refuse something else than Docker's own engine, which has been at 17 or more
  /// since 2017: Podman counts its releases from 1.
  public boolean isOther() {
    return release > 0 && release < 17;
  }
}
