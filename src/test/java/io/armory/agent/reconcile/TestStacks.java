package io.armory.agent.reconcile;

import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Service.Condition;
import io.armory.agent.domain.stack.Stack;
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
    var prepared =
        SampleService.like(redis)
            .postStart("warm-up")
            .definition(redis.definitionHash() + "-hooked")
            .build();
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
    var network = SampleStack.plain("default", PROJECT + "_default", null);
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
    return sample(name, version, needs).build();
  }

  private static SampleService sample(String name, String version, List<String> needs) {
    var sample =
        new SampleService(name, "image/" + name + ":" + version)
            .restart("unless-stopped", 0)
            .on("default", name)
            .config("config-" + name + version)
            .definition("definition-" + name + version)
            .probe(
                new ProbeSpec(
                    new ProbeSpec.Tcp(8080),
                    Duration.ofMillis(20),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(200),
                    3,
                    1));
    needs.forEach(n -> sample.dependsOn(n, Condition.HEALTHY, false));
    return sample;
  }

  /// The same, so many times.
  static Service replicas(int replicas, Service service) {
    return SampleService.like(service).replicas(replicas).build();
  }

  /// The same with this long to end when it is stopped.
  public static Service withGrace(Service service, Duration grace) {
    return SampleService.like(service).grace(grace).build();
  }

  /// The same with this long to open its port.
  static Service withStartPeriod(Service service, Duration period) {
    return SampleService.like(service).startPeriod(period).build();
  }

  /// One that is published on the node.
  public static Service published(String name, String version, List<String> needs) {
    return sample(name, version, needs).port(null, "8084", 8084).build();
  }
}
