package io.armory.agent.backup;

import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Container;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Nodes of some services, and what a backup may say of itself.
final class Nodes {
  static final Instant AT = Instant.parse("2026-01-31T12:00:00Z");

  static final RemoteRedis REMOTE =
      new RemoteRedis(
          "redis.internal",
          6379,
          false,
          "",
          new Secret(""),
          Optional.empty(),
          Set.of("orca"),
          false);

  private Nodes() {}

  static NodeStores of(String role, String... services) {
    return of(role, Optional.empty(), false, services);
  }

  static NodeStores of(
      String role, Optional<RemoteRedis> remote, boolean objectsInRedis, String... services) {
    var containers = new HashMap<String, Container>();
    for (var s : services) {
      containers.put(s, container(s));
    }
    return new NodeStores(
        "spinnaker", "prod", role, "i-0abc", "2026.2.3", containers, objectsInRedis, remote);
  }

  static Container container(String service) {
    return new Container(
        service + "-id",
        "spinnaker-" + service + "-1",
        service,
        1,
        Optional.empty(),
        Optional.empty(),
        "sha256:1",
        Observation.State.RUNNING,
        0,
        false,
        null,
        null,
        null,
        null,
        Observation.EngineHealth.NONE,
        "no",
        new Observation.NetworkMode("spinnaker", Optional.empty()),
        Set.of(),
        Map.of("spinnaker", endpoint()),
        Map.of(),
        Map.of());
  }

  private static Observation.Endpoint endpoint() {
    return new Observation.Endpoint("n1", "127.0.0.1", List.of());
  }

  static BackupManifest manifest(String stack, String... parts) {
    List<BackupManifest.Part> all =
        Stream.of(parts).map(p -> new BackupManifest.Part(p, 1, "", "test")).toList();
    return new BackupManifest(
        BackupManifest.FORMAT, "0.1.0", stack, "standalone", "i-0abc", "2026.2.3", AT, all);
  }
}
