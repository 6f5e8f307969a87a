package io.armory.agent.domain;

import java.util.Optional;

/// Which machine something was kept on, as far as that could be told there.
///
/// @param instance EC2's ID of it, from IMDS, or from the asset tag of its board
/// @param configured the ID that `agent.yaml` gives it
/// @param machine a digest of `/etc/machine-id`
public record Owner(
    Optional<String> instance, Optional<String> configured, Optional<String> machine) {
  public static final Owner UNKNOWN =
      new Owner(Optional.empty(), Optional.empty(), Optional.empty());

  private static final int SHOWN = 12;

  /// Whether the two are certainly not the same machine. EC2's ID decides where both have one: an
  /// image made of a running node has the machine ID of that node.
  public boolean isAnotherThan(Owner other) {
    return (instance.isPresent() && other.instance.isPresent())
        ? !instance.equals(other.instance)
        : differ(configured, other.configured) || differ(machine, other.machine);
  }

  private static boolean differ(Optional<String> one, Optional<String> other) {
    return one.isPresent() && other.isPresent() && !one.equals(other);
  }

  /// What is known of the same machine by both, the newer word first.
  public Owner asOf(Owner now) {
    return new Owner(
        now.instance.or(() -> instance),
        now.configured.or(() -> configured),
        now.machine.or(() -> machine));
  }

  /// A name for people and for files.
  public String name() {
    return instance
        .or(() -> configured)
        .map(id -> id.replaceAll("[^A-Za-z0-9._-]", "_"))
        .or(() -> machine.map(m -> "machine-" + m.substring(0, Math.min(SHOWN, m.length()))))
        .orElse("unknown");
  }
}
