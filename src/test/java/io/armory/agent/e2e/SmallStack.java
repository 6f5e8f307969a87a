package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.render.ComposePeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/// A node of few services by a role of the site's own: redis ← front50 ← orca ← gate, from the
/// shipped templates, with boots that take their time and probes quick enough for a test.
final class SmallStack {
  static final List<String> SERVICES = List.of("front50", "gate", "orca", "redis");

  private static final String ROLE_FILE = "etc/armory-agent/compose/roles/small.yml";

  private static final String TEMPLATE =
      """
      x-quick: &quick {interval: 200ms, timeout: 1s, start_period: 4s, failure_threshold: 3}
      x-check: &check {interval: %s, timeout: 5s, start_period: 1s}
      x-boots: &boots {START_DELAY: 1s}
      services:
        clouddriver: {profiles: ["off"]}
        rosco: {profiles: ["off"]}
        echo: {profiles: ["off"]}
        igor: {profiles: ["off"]}
        deck: {profiles: ["off"]}
        redis: {healthcheck: *check, x-armory: {probe: *quick}}
        front50: {environment: *boots, healthcheck: *check, x-armory: {probe: *quick}}
        orca: {environment: *boots, healthcheck: *check, x-armory: {probe: *quick}}
        gate:
          environment: *boots
          healthcheck: *check
          x-armory: {probe: *quick}
          ports: ["127.0.0.1:${GATE_PUBLISHED_PORT:-8084}:8084"]
      """;

  /// Nobody but Compose asks what the engine's own checks say, and each costs the processor more
  /// than all that the agent does in a second.
  static final String ROLE = TEMPLATE.formatted("60s");

  /// For a stack that `docker compose up` waits for.
  static final String ROLE_FOR_COMPOSE = TEMPLATE.formatted("1s");

  private static final Set<String> GIVEN = ConcurrentHashMap.newKeySet();

  private SmallStack() {}

  /// @param settings further lines of `agent.yaml`
  static Node node(Path root, String name, String settings) {
    var node = new Node(root, "e2e-" + name + "-" + ProcessHandle.current().pid());
    configure(node, node.project, settings);
    role(node);
    return node;
  }

  /// Gives a node the role `small`.
  static void role(Node node) {
    node.write(ROLE_FILE, ROLE);
  }

  /// As [#node], with a stack that `docker compose up` waits for.
  static Node forCompose(Path root, String name, String settings) {
    return forCompose(ComposePeer.OLDER, root, name, settings);
  }

  /// @param peer the Docker Compose that is installed on the node
  static Node forCompose(ComposePeer peer, Path root, String name, String settings) {
    var node = node(root, name, settings);
    node.write(ROLE_FILE, ROLE_FOR_COMPOSE);
    peer.install(root);
    return node;
  }

  static void configure(Node node, String project, String settings) {
    node.write(
        "etc/armory-agent/agent.yaml",
        """
        project: %s
        identity: {stack: e2e, role: small}
        aws: off
        http: {address: 127.0.0.1, port: %d}
        %s
        """
            .formatted(project, node.port, settings + Node.quickBake(settings)));
  }

  /// A network that nobody on this machine has, outside those that other tests have to themselves:
  /// 10.100 to 10.179, 10.200 to 10.215, and from 10.240.
  static String subnet() {
    var taken = EngineSocket.get("/networks").findValuesAsText("Subnet");
    var random = ThreadLocalRandom.current();
    while (true) {
      var range = "10.%d.%d.0/24".formatted(random.nextInt(216, 240), random.nextInt(1, 255));
      if (!taken.contains(range) && GIVEN.add(range)) {
        return range;
      }
    }
  }

  /// Writes `default.env`.
  ///
  /// @param more lines beside those every node of this kind has
  static void parameters(Node node, String subnet, String release, String... more) {
    node.write(
        "etc/armory-agent/env/default.env",
        """
        SPINNAKER_REGISTRY=armory-standin
        SPINNAKER_RELEASE=%s
        REDIS_IMAGE=armory-standin/redis:dev
        FRONT50_STORE=s3
        ARMORYSPINNAKER_S3_BUCKET=none-such
        GATE_PUBLISHED_PORT=%d
        STACK_SUBNET=%s
        %s
        """
            .formatted(release, node.gatePort, subnet, String.join("\n", more)));
  }

  static void overlay(Node node, String text) {
    node.write(Node.OVERRIDE, text);
  }

  static void noOverlay(Node node) {
    overlay(node, "services: {}\n");
  }

  /// `sync`, which must succeed.
  static Shell.Result synced(Node node, String... options) {
    var arguments = new String[options.length + 1];
    arguments[0] = "sync";
    System.arraycopy(options, 0, arguments, 1, options.length);
    var result = node.cli(arguments);
    assertThat(result.exit()).as(result.out() + result.err() + "\n" + node.logText()).isZero();
    return result;
  }

  /// Container name → its ID and when it was started: equal maps mean that nothing happened.
  static Map<String, String> lives(Node node) {
    var all = new TreeMap<String, String>();
    EngineSocket.containers(node.project)
        .forEach((name, c) ->
            EngineSocket.find(c.path("Id").asText())
                .map(o -> o.path("Id").asText() + " " + o.path("State").path("StartedAt").asText())
                .ifPresent(life -> all.put(name, life)));
    return all;
  }

  /// Service → how many of its containers run.
  static Map<String, Integer> running(Node node) {
    var all = new HashMap<String, Integer>();
    for (var c : EngineSocket.containers(node.project).values()) {
      all.merge(
          c.path("Labels").path("com.docker.compose.service").asText(),
          c.path("State").asText().equals("running") ? 1 : 0,
          Integer::sum);
    }
    return all;
  }

  /// Until no predecessor is left: what started first leaves one that serves for another 35 s.
  static void awaitOneOfEach(Node node) {
    await()
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> {
          var running = running(node);
          return EngineSocket.containers(node.project).size() == running.size()
              && running.values().stream().allMatch(n -> n == 1);
        });
  }
}
