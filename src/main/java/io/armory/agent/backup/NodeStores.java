package io.armory.agent.backup;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Workload.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Where this node's Spinnaker keeps its state.
///
/// @param containers service → its container, the running one if there is one
/// @param release of Spinnaker, by front50's image; empty: it does not tell
/// @param objectsInRedis front50's store is the local Redis, as with releases before 2026.2.0
/// @param remote the Redis that is shared with other nodes
public record NodeStores(
    String project,
    String stack,
    String role,
    String instance,
    String release,
    Map<String, Container> containers,
    boolean objectsInRedis,
    Optional<RemoteRedis> remote) {

  /// @param host what the node is called where it has no instance ID
  public static NodeStores of(
      Observed observed, Revision revision, Optional<NodeIdentity> identity, String host) {
    var services = revision.stack().services();
    var containers =
        observed.containers().stream()
            .filter(c -> services.containsKey(c.service()))
            .collect(Collectors.toMap(Container::service, c -> c, (a, b) -> a.running() ? a : b));
    var front50 = Optional.ofNullable(services.get("front50"));
    return new NodeStores(
        revision.stack().project(),
        identity.map(i -> i.stack().value()).orElse(""),
        revision.role(),
        identity.flatMap(i -> i.fact(NodeIdentity.INSTANCE_ID)).orElse(host),
        front50.map(s -> tag(s.container().image())).orElse(""),
        containers,
        front50
            .map(s -> s.container().command().environment().get("SPRING_PROFILES_ACTIVE"))
            .filter(profiles -> List.of(profiles.split(",", -1)).contains("redis"))
            .isPresent(),
        revision.redis());
  }

  private static String tag(String image) {
    var name = image.replaceFirst("@.*", "");
    var colon = name.lastIndexOf(':');
    return colon > name.lastIndexOf('/') ? name.substring(colon + 1) : "";
  }

  Optional<Container> container(LocalStore store) {
    return Optional.ofNullable(containers.get(store.service()));
  }

  boolean has(LocalStore store) {
    return containers.containsKey(store.service());
  }

  /// Whether what front50 keeps is lost with the node's volumes.
  boolean keepsObjects() {
    return has(LocalStore.DATABASE) || objectsInRedis;
  }

  Optional<Endpoint> front50() {
    return address("front50").map(a -> new Endpoint("front50", a, 8080));
  }

  /// The local Redis, as its services reach it.
  Optional<RemoteRedis> localRedis() {
    return address(LocalStore.REDIS.service())
        .map(a ->
            new RemoteRedis(a, 6379, false, "", new Secret(""), Optional.empty(), Set.of(), false));
  }

  private Optional<String> address(String service) {
    return Optional.ofNullable(containers.get(service))
        .filter(Container::running)
        .flatMap(c ->
            c.networks().values().stream()
                .flatMap(e -> Optional.ofNullable(e.ipAddress()).stream())
                .filter(a -> !a.isEmpty())
                .findFirst());
  }
}
