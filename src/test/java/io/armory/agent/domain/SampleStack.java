package io.armory.agent.domain;

import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Volume;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A stack for tests, in a few words.
public final class SampleStack {
  private final String project;
  private final Map<String, Service> services = new LinkedHashMap<>();
  private final Map<String, Network> networks = new LinkedHashMap<>();
  private final Map<String, Volume> volumes = new LinkedHashMap<>();

  private SampleStack(String project) {
    this.project = project;
  }

  public static SampleStack of(String project) {
    return new SampleStack(project);
  }

  public SampleStack service(String name, String image, Consumer<SampleService> more) {
    var service = new SampleService(name, image);
    more.accept(service);
    services.put(name, service.build());
    return this;
  }

  public SampleStack network(String key) {
    return network(plain(key, project + "_" + key, null));
  }

  /// @param pool `null`: the engine chooses
  public static Network plain(String key, String name, Network.@Nullable Pool pool) {
    var ipam = pool == null ? null : new Network.Ipam(null, List.of(pool), Map.of());
    return new Network(
        key, name, false, null, Map.of(), ipam, false, false, false, Map.of(), null, "network-1");
  }

  public SampleStack network(Network network) {
    networks.put(network.key(), network);
    return this;
  }

  public SampleStack volume(String key) {
    return volume(
        new Volume(key, project + "_" + key, false, null, Map.of(), Map.of(), "volume-1"));
  }

  public SampleStack volume(Volume volume) {
    volumes.put(volume.key(), volume);
    return this;
  }

  public Stack build() {
    return new Stack(
        project, services, networks, volumes, "/srv/" + project, List.of("/srv/compose.yml"));
  }
}
