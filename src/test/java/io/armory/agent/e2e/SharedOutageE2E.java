package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.FreePort;
import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes of an Auto Scaling group, and the Redis they share is away for longer than any fault
/// of a node may last: none of them is called unhealthy for it.
class SharedOutageE2E {
  private static final String GROUP = "armoryspinnaker-shared-v000";
  private static final long ID = ProcessHandle.current().pid();
  private static final String REDIS = "e2e-outage-redis-" + ID;
  private static final int REDIS_PORT = FreePort.next();
  private static final Duration LONG = Duration.ofMinutes(2);

  /// `repair.window`: a fault of a node itself is reported after it.
  private static final Duration WINDOW = Duration.ofSeconds(5);

  private static final String ELSEWHERE =
      "redis front50 clouddriver fiat orca rosco echo igor igor-poller echo-scheduler kayenta deck";

  @TempDir static Path directory;
  private static final MotoServer AWS = new MotoServer();
  private static final List<ImdsStandIn> METADATA = new ArrayList<>();
  private static final List<Node> NODES = new ArrayList<>();

  @AfterAll
  static void down() {
    NODES.forEach(Node::close);
    METADATA.forEach(ImdsStandIn::close);
    Shell.run(List.of("docker", "rm", "-f", "-v", REDIS));
    AWS.close();
  }

  @Test
  void none_of_three_nodes_is_called_unhealthy_for_the_redis_they_share() {
    Shell.must(
        "docker",
        "run",
        "-d",
        "--name",
        REDIS,
        "-p",
        REDIS_PORT + ":6379",
        "armory-standin/redis:dev");
    AWS.group(GROUP, 3).forEach(SharedOutageE2E::add);
    NODES.forEach(Node::startAgent);
    NODES.forEach(Node::awaitReady);
    var before = lives();

    Shell.must("docker", "stop", "-t", "0", REDIS);
    await("all of them are not ready")
        .atMost(LONG)
        .until(() -> NODES.stream().noneMatch(Node::isReady));
    NODES.forEach(n ->
        assertThat(n.get("/health/ready").body())
            .contains("the remote Redis, which all nodes share"));
    await("longer than a node's own fault may last")
        .atMost(LONG)
        .until(() -> NODES.stream().allMatch(n -> outage(n) > 3 * WINDOW.toSeconds()));

    assertThat(AWS.calls("autoscaling:SetInstanceHealth")).isZero();
    for (var node : NODES) {
      assertThat(node.cli("status").out()).doesNotContain("NEEDS REPLACEMENT");
    }
    Shell.must("docker", "start", REDIS);
    NODES.forEach(Node::awaitReady);
    assertThat(lives()).as("nothing was restarted for it").isEqualTo(before);
    assertThat(AWS.calls("autoscaling:SetInstanceHealth")).isZero();
  }

  /// Seconds that the node says it has been out.
  private static long outage(Node node) {
    var said =
        java.util.regex.Pattern.compile("is out for (\\d+) s")
            .matcher(node.get("/health/ready").body());
    return said.find() ? Long.parseLong(said.group(1)) : 0;
  }

  private static Map<String, Map<String, String>> lives() {
    return NODES.stream().collect(Collectors.toMap(n -> n.project, SmallStack::lives));
  }

  private static void add(String instance) {
    var imds = new ImdsStandIn();
    METADATA.add(imds);
    imds.set("instance-id", instance);
    imds.tag("armory:role", "edge");
    imds.tag("aws:autoscaling:groupName", GROUP);
    var number = METADATA.size();
    var root = directory.resolve("n" + number);
    var node =
        Node.inAws(
            root,
            "e2e-outage-" + number + "-" + ID,
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.endpoint().toString(),
                "AWS_ENDPOINT_URL", AWS.endpoint().toString(),
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString()));
    NODES.add(node);
    node.settings(
        """
        repair: {window: %ds}
        health: {asg: {grace: 1s}}
        """
            .formatted(WINDOW.toSeconds()));
    node.write("etc/armory-agent/compose/roles/edge.yml", role(node));
    var subnet = SmallStack.subnet();
    SmallStack.parameters(
        node,
        subnet,
        "dev",
        // The machine itself, as the node's containers see it.
        "REDIS_HOST=" + subnet.replace(".0/24", ".1"),
        "REDIS_PORT=" + REDIS_PORT);
  }

  /// gate alone, with probes quick enough for a test.
  static String role(Node node) {
    var text = new StringBuilder("services:\n");
    text.append("  gate:\n    ports: [\"127.0.0.1:").append(node.gatePort).append(":8084\"]\n");
    text.append("    x-armory: {probe: {interval: 300ms, timeout: 1s, start_period: 5s}}\n");
    for (var other : List.of(ELSEWHERE.split(" "))) {
      text.append("  ").append(other).append(": {profiles: !override [elsewhere]}\n");
    }
    return text.toString();
  }
}
