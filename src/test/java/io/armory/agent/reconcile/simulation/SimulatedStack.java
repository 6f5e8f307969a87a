package io.armory.agent.reconcile.simulation;

import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.reconcile.TestStacks;
import java.time.Duration;
import java.util.List;

/// The stack that a simulated node runs, in versions: each service's image and definition bear the
/// version.
final class SimulatedStack {
  private static final ProbeSpec PROBE =
      new ProbeSpec(
          new ProbeSpec.Tcp(8080),
          Duration.ofSeconds(10),
          Duration.ofSeconds(3),
          Duration.ofSeconds(60),
          3,
          1);

  static final List<String> SERVICES =
      List.of("redis", "front50", "clouddriver", "orca", "gate", "deck");

  private SimulatedStack() {}

  static Revision revision(int version) {
    return TestStacks.revision(
        "r" + version,
        service("redis", 0),
        service("front50", version, "redis"),
        startedFirst("clouddriver", version, "redis"),
        startedFirst("orca", version, "front50", "clouddriver"),
        service("gate", version, "orca"),
        service("deck", version, "gate"));
  }

  /// As few services as show what a release does to those that start first.
  ///
  /// @param orcas how many containers orca has
  static Revision few(int version, int orcas) {
    return TestStacks.revision(
        "r" + version + "x" + orcas,
        service("redis", 0),
        service(true, orcas, "orca", version, "redis"),
        service("gate", version, "orca"));
  }

  static String image(String service, int version) {
    return "image/" + service + ":" + (service.equals("redis") ? 0 : version);
  }

  private static Service service(String name, int version, String... needs) {
    return service(false, 1, name, version, needs);
  }

  private static Service startedFirst(String name, int version, String... needs) {
    return service(true, 1, name, version, needs);
  }

  private static Service service(
      boolean first, int replicas, String name, int version, String... needs) {
    var plain = TestStacks.service(name, Integer.toString(version), List.of(needs));
    var sample =
        SampleService.like(plain).replicas(replicas).grace(Duration.ofSeconds(20)).probe(PROBE);
    return (first ? sample.startFirst() : sample).build();
  }
}
