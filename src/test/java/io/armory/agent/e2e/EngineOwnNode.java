package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.rig.SystemdNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A whole node with an engine of its own, and on it the small stack and the agent of this checkout
/// as a systemd service.
final class EngineOwnNode implements AutoCloseable {
  static final List<String> IMAGES =
      List.of(
          "armory-standin/redis:dev",
          "armory-standin/front50:dev",
          "armory-standin/orca:dev",
          "armory-standin/gate:dev",
          "armory-standin/front50:next",
          "armory-standin/orca:next",
          "armory-standin/gate:next");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path TOP = Path.of("").toAbsolutePath();
  private static final String ROOT = "/srv/armory";
  static final String PROJECT = "nested";

  final SystemdNode node;
  private final String client;

  /// @param client the engine's command line, `docker` or `podman`
  private EngineOwnNode(SystemdNode node, String client) {
    this.node = node;
    this.client = client;
  }

  static EngineOwnNode docker(String suite, Path peer) {
    return docker(suite, List.of("-v", peer + ":/opt/peer:ro"));
  }

  /// With little room for the engine's data.
  static EngineOwnNode onSmallDisk() {
    return docker(
        "bookworm", List.of("--tmpfs", "/var/lib/docker:exec,mode=710,size=300m,nr_inodes=30k"));
  }

  private static EngineOwnNode docker(String suite, List<String> options) {
    var own = boot("docker", suite, options);
    return own.set(() -> {
      own.node.loadImages(IMAGES.toArray(String[]::new));
      own.prepare("/var/run/docker.sock");
    });
  }

  static EngineOwnNode podman(String suite) {
    var own = boot("podman", suite, SystemdNode.withoutDocker());
    return own.set(own::podman);
  }

  private void podman() {
    node.mustShell(
        """
        mkdir -p /etc/containers
        files=$(ulimit -Hn)
        processes=$(awk '/Max processes/ {print $4}' /proc/1/limits)
        cat >/etc/containers/containers.conf <<CONF
        [containers]
        default_ulimits=["nofile=$files:$files","nproc=$processes:$processes"]
        [engine]
        cgroup_manager="cgroupfs"
        runtime="crun"
        CONF
        """);
    node.mustShell("systemctl restart podman.socket");
    for (var image : IMAGES) {
      Shell.must(
          "sh",
          "-c",
          "docker save " + image + " | docker exec -i " + node.name() + " podman load -q");
    }
    prepare("/run/podman/podman.sock");
  }

  /// A node that cannot be set up is not left behind.
  private EngineOwnNode set(Runnable up) {
    try {
      up.run();
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private static EngineOwnNode boot(String client, String suite, List<String> more) {
    var java = System.getProperty("java.home");
    var options =
        new ArrayList<>(
            List.of(
                "-v",
                TOP + ":" + TOP + ":ro",
                "-v",
                java + ":" + java + ":ro",
                "-m",
                "3g",
                "-v",
                "/var/lib/containers"));
    options.addAll(more);
    var name = "e2e-engine-" + client + "-" + ProcessHandle.current().pid();
    var image = SystemdNode.image(suite);
    return new EngineOwnNode(SystemdNode.boot(name, image, options.toArray(String[]::new)), client);
  }

  private void prepare(String socket) {
    node.mustShell(
        "mkdir -p %s/usr/share/armory-agent && cp -r %s/compose-templates %s/usr/share/armory-agent/"
            .formatted(ROOT, TOP, ROOT));
    node.write(
        ROOT + "/etc/armory-agent/agent.yaml",
        """
        project: %s
        identity: {stack: e2e, role: small}
        aws: off
        docker: {socket: %s}
        http: {address: 127.0.0.1, port: 5000}
        rollout: {bake: 1s}
        repair: {backoff_max: 10s}
        """
            .formatted(PROJECT, socket));
    node.write(ROOT + "/etc/armory-agent/compose/roles/small.yml", SmallStack.ROLE_FOR_COMPOSE);
    release("dev");
    node.must(
        "systemd-run",
        "-q",
        "--unit=armory-agent",
        "-p",
        "KillMode=process",
        "-E",
        "ARMORY_AGENT_HOME=" + TOP.resolve("target/dist"),
        "-E",
        "ARMORY_AGENT_ROOT=" + ROOT,
        "-E",
        "JAVA_HOME=" + System.getProperty("java.home"),
        TOP.resolve("packaging/bin/armory-agent").toString(),
        "run");
  }

  void release(String release) {
    node.write(
        ROOT + "/etc/armory-agent/env/default.env",
        """
        SPINNAKER_REGISTRY=armory-standin
        SPINNAKER_RELEASE=%s
        REDIS_IMAGE=armory-standin/redis:dev
        FRONT50_STORE=s3
        ARMORYSPINNAKER_S3_BUCKET=none-such
        GATE_PUBLISHED_PORT=8084
        STACK_SUBNET=10.205.0.0/24
        """
            .formatted(release));
  }

  SystemdNode.Result agent(String... arguments) {
    return node.shell(
        "ARMORY_AGENT_HOME=%s ARMORY_AGENT_ROOT=%s JAVA_HOME=%s %s %s"
            .formatted(
                TOP.resolve("target/dist"),
                ROOT,
                System.getProperty("java.home"),
                TOP.resolve("packaging/bin/armory-agent"),
                String.join(" ", arguments)));
  }

  /// The status line's code of a path on the health port; 0: no answer within 2 s.
  int status(String path) {
    var code =
        node.run(
                "curl",
                "-s",
                "-m",
                "2",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "http://127.0.0.1:5000" + path)
            .trimmed();
    return code.isEmpty() ? 0 : Integer.parseInt(code);
  }

  JsonNode health() {
    try {
      return JSON.readTree(
          node.must("curl", "-s", "-m", "3", "http://127.0.0.1:5000/health").out());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  void awaitReady() {
    await("ready: " + node.name())
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(300))
        .ignoreExceptions()
        .until(() ->
            status("/health/ready") == 200 && health().path("phase").asText().equals("steady"));
  }

  boolean seesEngine() {
    return health().path("engine").path("reachable").asBoolean();
  }

  Instant engineSince() {
    return Instant.parse(health().path("engine").path("since").asText());
  }

  Instant startedAt(String container) {
    return Instant.parse(
        node.must(client, "inspect", "-f", "{{.State.StartedAt}}", container).trimmed());
  }

  /// Container name → its ID, image and start.
  Map<String, String> lives() {
    var all = new TreeMap<String, String>();
    for (var name : names()) {
      all.put(
          name,
          node.must(client, "inspect", "-f", "{{.Id}} {{.Config.Image}} {{.State.StartedAt}}", name)
              .trimmed());
    }
    return all;
  }

  private List<String> names() {
    return node.must(
            client,
            "ps",
            "-a",
            "--filter",
            "label=com.docker.compose.project=" + PROJECT,
            "--format",
            "{{.Names}}")
        .out()
        .lines()
        .toList();
  }

  void kill(String service) {
    node.must(client, "kill", PROJECT + "-" + service + "-1");
  }

  void assertOneEach() {
    assertThat(lives().keySet())
        .containsExactlyElementsOf(
            SmallStack.SERVICES.stream().map(s -> PROJECT + "-" + s + "-1").sorted().toList());
  }

  @Override
  public void close() {
    node.close();
  }
}
