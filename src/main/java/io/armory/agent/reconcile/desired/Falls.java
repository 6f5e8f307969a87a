package io.armory.agent.reconcile.desired;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// How often services fell over lately by the definition that is to run, and whose last fall says
/// nothing about that definition: what the service depends on was not well either, or nobody knows
/// yet that it was.
///
/// @param pulledDown services that may have been pulled down by what they depend on
public record Falls(Map<String, Integer> times, Set<String> pulledDown) {
  public static final Falls NONE = of(Map.of());

  public Falls {
    times = Map.copyOf(times);
    pulledDown = Set.copyOf(pulledDown);
  }

  static Falls of(Map<String, Integer> times) {
    return new Falls(times, Set.of());
  }

  /// What is others' doing explains no fall of these.
  Falls without(Set<String> services) {
    var rest = new HashMap<>(times);
    rest.keySet().removeAll(services);
    return new Falls(rest, pulledDown);
  }

  int times(String service) {
    return times.getOrDefault(service, 0);
  }

  /// Those that speak against the definition.
  int blamed(String service) {
    return pulledDown.contains(service) ? 0 : times(service);
  }
}
