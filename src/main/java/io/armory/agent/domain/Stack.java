package io.armory.agent.domain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// One Compose project, resolved: interpolated, merged, validated, and reduced to the services of
/// the enabled profiles and the resources these use. Keys are the names of the Compose file; the
/// names on the engine are inside the values.
public record Stack(
    String project,
    Map<String, Service> services,
    Map<String, Network> networks,
    Map<String, Volume> volumes) {

  public Stack {
    services = copy(services);
    networks = copy(networks);
    volumes = copy(volumes);
  }

  private static <V> Map<String, V> copy(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
