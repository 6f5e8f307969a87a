package io.armory.agent.reconcile;

import io.armory.agent.domain.stack.ConfigHashes;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Resources;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Security;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Service.Condition;
import io.armory.agent.domain.stack.Service.Dependency;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Small stacks for tests of the loop.
public final class TestStacks {
  static final String PROJECT = "spinnaker";

  private TestStacks() {}

  /// redis ← front50 ← gate, each waiting for the one before to be healthy.
  public static Revision chain(String id, String version) {
    return chain(id, version, "front50");
  }

  /// As [#chain], with the orca whose work a drain waits for.
  public static Revision withOrca(String id, String version) {
    return chain(id, version, "orca");
  }

  private static Revision chain(String id, String version, String middle) {
    return revision(
        id,
        service("redis", version, List.of()),
        service(middle, version, List.of("redis")),
        service("gate", version, List.of(middle)));
  }

  /// The chain, with a `post_start` command in redis.
  static Revision withPostStart(String id, String version) {
    var redis = service("redis", version, List.of());
    var hook = new Service.Hook(List.of("warm-up"), null, false, null, Map.of());
    var prepared =
        new Service(
            redis.name(),
            1,
            redis.container(),
            redis.pullPolicy(),
            redis.dependsOn(),
            redis.stopGracePeriod(),
            List.of(hook),
            List.of(),
            redis.probe(),
            false,
            false,
            false,
            ConfigHashes.of(redis.configHash()),
            redis.definitionHash() + "-hooked");
    return revision(
        id,
        prepared,
        service("front50", version, List.of("redis")),
        service("gate", version, List.of("front50")));
  }

  public static Revision revision(String id, Service... services) {
    var byName = new LinkedHashMap<String, Service>();
    for (var s : services) {
      byName.put(s.name(), s);
    }
    var network =
        new Network(
            "default",
            PROJECT + "_default",
            false,
            null,
            Map.of(),
            null,
            false,
            false,
            false,
            Map.of(),
            null,
            "net-1");
    return new Revision(
        id,
        "standalone",
        new Stack(PROJECT, byName, Map.of("default", network), Map.of()),
        List.of(),
        "",
        "",
        List.of(),
        Optional.empty(),
        Map.of());
  }

  public static Service service(String name, String version, List<String> needs) {
    var dependsOn = new LinkedHashMap<String, Dependency>();
    needs.forEach(n -> dependsOn.put(n, new Dependency(Condition.HEALTHY, false, true)));
    var probe =
        new ProbeSpec(
            new ProbeSpec.Tcp(8080),
            Duration.ofMillis(20),
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            3,
            1);
    return new Service(
        name,
        1,
        spec(name, version),
        Service.PullPolicy.Plain.MISSING,
        dependsOn,
        Duration.ofSeconds(1),
        List.of(),
        List.of(),
        Optional.of(probe),
        false,
        false,
        false,
        ConfigHashes.of("config-" + name + version),
        "definition-" + name + version);
  }

  /// The same, so many times.
  static Service replicas(int replicas, Service service) {
    return new Service(
        service.name(),
        replicas,
        service.container(),
        service.pullPolicy(),
        service.dependsOn(),
        service.stopGracePeriod(),
        service.postStart(),
        service.preStop(),
        service.probe(),
        service.optional(),
        false,
        false,
        ConfigHashes.of(service.configHash()),
        service.definitionHash());
  }

  /// The same with this long to end when it is stopped.
  public static Service withGrace(Service service, Duration grace) {
    return new Service(
        service.name(),
        service.replicas(),
        service.container(),
        service.pullPolicy(),
        service.dependsOn(),
        grace,
        service.postStart(),
        service.preStop(),
        service.probe(),
        service.optional(),
        false,
        false,
        ConfigHashes.of(service.configHash()),
        service.definitionHash());
  }

  /// The same with this long to open its port.
  static Service withStartPeriod(Service service, Duration period) {
    return new Service(
        service.name(),
        service.replicas(),
        service.container(),
        service.pullPolicy(),
        service.dependsOn(),
        service.stopGracePeriod(),
        service.postStart(),
        service.preStop(),
        service.probe().map(p -> p.withStartPeriod(period)),
        service.optional(),
        false,
        false,
        ConfigHashes.of(service.configHash()),
        service.definitionHash());
  }

  /// One that is published on the node.
  public static Service published(String name, String version, List<String> needs) {
    var port = new Networking.PortBinding(null, "8084", 8084, "tcp");
    return service(name, version, needs).withContainer(spec(name, version, List.of(port)));
  }

  private static ContainerSpec spec(String name, String version) {
    return spec(name, version, List.of());
  }

  private static ContainerSpec spec(
      String name, String version, List<Networking.PortBinding> ports) {
    var attachment =
        new Networking.Attachment(
            "default", List.of(name), null, null, List.of(), null, 0, Map.of());
    return new ContainerSpec(
        "image/" + name + ":" + version,
        null,
        null,
        null,
        null,
        new ContainerSpec.Command(null, null, Map.of(), null, null, false, false, null, null),
        Map.of(),
        Map.of(),
        null,
        new ContainerSpec.RestartPolicy("unless-stopped", 0),
        new Networking(
            Networking.Mode.PROJECT,
            List.of(attachment),
            ports,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            null),
        new Storage(List.of(), List.of()),
        new Resources(
            null, null, null, null, null, null, null, null, null, null, Map.of(), List.of(),
            List.of(), List.of(), null, Map.of()),
        new Security(
            false, false, List.of(), List.of(), List.of(), List.of(), Map.of(), null, null, null,
            null, null, null, null),
        null);
  }
}
