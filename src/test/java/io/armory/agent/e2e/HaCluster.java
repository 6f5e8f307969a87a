package io.armory.agent.e2e;

import io.armory.agent.rig.SystemdNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;

/// A group of nodes as in the diagram of a highly available Spinnaker: each a whole node with a
/// Docker Engine of its own and the shipped role `ha`, a Redis outside them with password and TLS
/// and a replica that lags behind it, and a load balancer that asks `/health/ready`.
final class HaCluster implements AutoCloseable {
  private static final int SUBNET = 1 + (int) (ProcessHandle.current().pid() % 250);
  static final String BALANCER = "10.214." + SUBNET + ".1";
  private static final String NAME = "e2e-ha-" + ProcessHandle.current().pid();
  private static final Path TOP = Path.of("").toAbsolutePath();

  private static final String[] IMAGES =
      List.of("front50", "clouddriver", "orca", "rosco", "echo", "igor", "gate", "deck").stream()
          .map(s -> "armory-standin/" + s + ":dev")
          .toArray(String[]::new);

  private final HaRedis redis;
  private final Haproxy balancer;
  private final List<HaNode> nodes = Collections.synchronizedList(new ArrayList<>());

  private HaCluster(Path files, String interval) {
    Shell.must("docker", "network", "create", "--subnet", "10.214." + SUBNET + ".0/24", NAME);
    this.redis = new HaRedis(NAME, files, "10.214." + SUBNET, BALANCER);
    this.balancer =
        new Haproxy(
            files,
            BALANCER,
            interval,
            redis.addresses(),
            IntStream.rangeClosed(1, 4)
                .boxed()
                .collect(Collectors.toMap(n -> "n" + n, HaCluster::ip)));
  }

  /// @param count of nodes that boot, all at once; their agents are not started
  /// @param interval at which the load balancer asks each node
  static HaCluster boot(Path files, int count, String interval) {
    var cluster = new HaCluster(files, interval);
    try {
      IntStream.rangeClosed(1, count).parallel().forEach(cluster::add);
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  private static String ip(int number) {
    return "10.214." + SUBNET + "." + (10 + number);
  }

  /// Boots one more node.
  HaNode add(int number) {
    var java = System.getProperty("java.home");
    var system =
        SystemdNode.boot(
            NAME + "-n" + number,
            SystemdNode.image(),
            "--network",
            NAME,
            "--ip",
            ip(number),
            "-m",
            "3g",
            "-v",
            TOP + ":" + TOP + ":ro",
            "-v",
            java + ":" + java + ":ro");
    var node = new HaNode(system, "n" + number, ip(number));
    nodes.add(node);
    system.loadImages(IMAGES);
    node.configure(
        """
        SPINNAKER_REGISTRY=armory-standin
        SPINNAKER_RELEASE=dev
        REDIS_HOST=%s
        REDIS_PORT=16379
        REDIS_TLS=true
        REDIS_PASSWORD=%s
        REDIS_CA_FILE=/etc/armory-agent/redis-ca.pem
        ARMORYSPINNAKER_S3_BUCKET=none-such
        DEFAULT_DNS_NAME=%s
        STACK_SUBNET=10.215.%d.0/24
        """
            .formatted(BALANCER, HaRedis.PASSWORD, BALANCER, number),
        redis.authority());
    return node;
  }

  List<HaNode> nodes() {
    return List.copyOf(nodes);
  }

  /// The node is gone for good, with all that it kept.
  void remove(HaNode node) {
    nodes.remove(node);
    node.close();
  }

  HaRedis redis() {
    return redis;
  }

  Haproxy balancer() {
    return balancer;
  }

  /// All of them, with what they say where one does not get there.
  void awaitReady() {
    try {
      nodes().forEach(HaNode::awaitReady);
    } catch (ConditionTimeoutException e) {
      var said = nodes().stream().map(n -> n.agent("status").out()).toList();
      throw new AssertionError(String.join("\n", said) + text(), e);
    }
  }

  /// What all agents say of themselves, for the message of a failure.
  String text() {
    return nodes.stream()
        .map(n ->
            "== "
                + n.name()
                + "\n"
                + n.journal().lines().toList().reversed().stream()
                    .limit(60)
                    .toList()
                    .reversed()
                    .stream()
                    .collect(Collectors.joining("\n")))
        .collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    nodes.parallelStream().forEach(HaNode::close);
    balancer.close();
    redis.close();
    Shell.run(List.of("docker", "network", "rm", NAME));
  }
}
