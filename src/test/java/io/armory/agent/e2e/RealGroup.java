package io.armory.agent.e2e;

import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A group of the role `ha` on one engine: each node with a root, a project, addresses and a
/// network of its own, one Redis and one database outside them, and a load balancer that asks
/// `/health/ready` every 5 s.
final class RealGroup implements AutoCloseable {
  private static final String NAME = "e2e-real-group-" + ProcessHandle.current().pid();
  private static final String PASSWORD = "p%&x";

  /// The address of this machine at which nodes find what they share.
  private final String outside;

  private final int redisPort = FreePort.next();
  private final int sqlPort = FreePort.next();
  private final int gatePort = FreePort.next();
  private final List<Node> nodes = new ArrayList<>();
  private final Process balancer;

  RealGroup(Path files, RealRun real) {
    var subnet = SmallStack.subnet();
    Shell.must("docker", "network", "create", "--subnet", subnet, NAME);
    outside = subnet.replace(".0/24", ".1");
    Shell.must(
        "docker",
        "run",
        "-d",
        "--name",
        NAME + "-redis",
        "-p",
        outside + ":" + redisPort + ":6379",
        "armory-standin/redis:dev",
        "redis-server",
        "--requirepass",
        PASSWORD);
    Shell.must(
        "docker",
        "run",
        "-d",
        "--name",
        NAME + "-sql",
        "-p",
        outside + ":" + sqlPort + ":5432",
        "-e",
        "POSTGRES_USER=front50",
        "-e",
        "POSTGRES_DB=front50",
        "-e",
        "POSTGRES_PASSWORD=" + PASSWORD,
        "armory-standin/postgres:dev");
    IntStream.rangeClosed(1, real.nodes()).forEach(n -> nodes.add(node(files, real, n)));
    balancer = balancer(files.resolve("haproxy.cfg"));
  }

  private Node node(Path files, RealRun real, int number) {
    var node = new Node(files.resolve("n" + number), NAME + "-" + number);
    node.write(
        "etc/armory-agent/agent.yaml",
        """
        project: %s
        identity: {stack: ha, role: ha, instance_id: n%d, private_ip: 127.0.1.%d}
        aws: off
        polling: elect
        http: {address: 127.0.0.1, port: %d}
        rollout: {bake: 1s}
        """
            .formatted(node.project, number, 10 + number, node.port));
    node.write(
        "etc/armory-agent/env/default.env",
        """
        %sREDIS_HOST=%s
        REDIS_PORT=%d
        REDIS_PASSWORD=%s
        FRONT50_STORE=sql
        FRONT50_SQL_URL=jdbc:postgresql://%s:%d/front50
        FRONT50_SQL_USER=front50
        FRONT50_SQL_PASSWORD=%s
        DEFAULT_DNS_NAME=%s
        GATE_PUBLISHED_PORT=%d
        DECK_PUBLISHED_PORT=%d
        STACK_SUBNET=%s
        """
            .formatted(
                real.images(false),
                outside,
                redisPort,
                PASSWORD,
                outside,
                sqlPort,
                PASSWORD,
                outside,
                node.gatePort,
                node.deckPort,
                SmallStack.subnet()));
    return node;
  }

  private Process balancer(Path config) {
    var text =
        new StringBuilder(
            """
            defaults
              mode http
              timeout connect 2s
              timeout client 2m
              timeout server 2m
              timeout check 3s
            listen gate
              bind 127.0.0.1:%d
              option httpchk GET /health/ready
              default-server check inter 5s fall 2 rise 2
            """
                .formatted(gatePort));
    nodes.forEach(n ->
        text.append("  server %s 127.0.0.1:%d port %d\n".formatted(n.project, n.gatePort, n.port)));
    try {
      Files.writeString(config, text);
      return new ProcessBuilder("haproxy", "-db", "-f", config.toString())
          .redirectErrorStream(true)
          .redirectOutput(config.resolveSibling("haproxy.log").toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Node> nodes() {
    return nodes;
  }

  RealGate gate() {
    return new RealGate("http://127.0.0.1:" + gatePort);
  }

  /// What the load balancer answers for gate: 503 while it has nobody to send to.
  int answer() {
    try {
      var call = URI.create("http://127.0.0.1:%d/health".formatted(gatePort)).toURL();
      var connection = (HttpURLConnection) call.openConnection();
      connection.setConnectTimeout(5_000);
      connection.setReadTimeout(20_000);
      return connection.getResponseCode();
    } catch (IOException e) {
      return 0;
    }
  }

  /// The nodes on which a container of this service runs.
  List<Node> running(String service) {
    return nodes.stream().filter(n -> SmallStack.running(n).getOrDefault(service, 0) > 0).toList();
  }

  /// Waits until both pollers run and are well on one node, another than this.
  Node awaitPoller(Duration atMost, List<Node> others) {
    await("one node polls")
        .atMost(atMost)
        .ignoreExceptions()
        .until(() -> nodes.stream().filter(n -> !others.contains(n)).anyMatch(RealGroup::polls));
    return nodes.stream()
        .filter(RealGroup::polls)
        .filter(n -> !others.contains(n))
        .findFirst()
        .orElseThrow();
  }

  private static boolean polls(Node node) {
    return !node.isAgentGone()
        && List.of("igor-poller", "echo-scheduler").stream()
            .allMatch(s -> node.service(s).path("state").asText().equals("up"));
  }

  @Override
  public void close() {
    nodes.forEach(Node::close);
    balancer.destroy();
    Shell.run(List.of("docker", "rm", "-fv", NAME + "-redis", NAME + "-sql"));
    Shell.run(List.of("docker", "network", "rm", NAME));
  }
}
