package io.armory.agent.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.rig.SystemdNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/// One node of a group: a systemd node, and on it the agent of this checkout as a service.
final class HaNode implements AutoCloseable {
  private static final Path TOP = Path.of("").toAbsolutePath();
  private static final String ROOT = "/srv/armory";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  private final SystemdNode system;
  private final String name;
  private final String ip;
  private final String id;
  private String aws = "off";
  private String environment = "";

  HaNode(SystemdNode system, String name, String ip) {
    this.system = system;
    this.name = name;
    this.ip = ip;
    this.id = Shell.must("docker", "inspect", "-f", "{{.Id}}", system.name()).trimmed();
  }

  String name() {
    return name;
  }

  /// Of the container that is the node.
  String id() {
    return id;
  }

  /// Boots of seconds, in which a port is closed; and what echo and igor wait for is asked for
  /// again after 3 and 12 s, a tenth of the real times. The engine's own checks, which nobody here
  /// asks for, would cost half a processor.
  private static final String SLOW =
      """
      x-quiet: &quiet {healthcheck: {interval: 10m}}
      services:
        front50: {<<: *quiet, environment: {START_DELAY: 2s}}
        clouddriver: {<<: *quiet, environment: {START_DELAY: 2s}}
        orca: {<<: *quiet, environment: {START_DELAY: 2s}}
        echo: {<<: *quiet, environment: {START_DELAY: 2s, POLL_FACTOR: "0.1"}}
        igor: {<<: *quiet, environment: {START_DELAY: 2s, POLL_FACTOR: "0.1"}}
        rosco: *quiet
        gate: *quiet
        deck: *quiet
        igor-poller: *quiet
        echo-scheduler: *quiet
      """;

  void configure(String environment, Path authority) {
    system.mustShell(
        "mkdir -p %s/usr/share/armory-agent && cp -r %s/compose-templates %s/usr/share/armory-agent/"
            .formatted(ROOT, TOP, ROOT));
    system.mustShell("mkdir -p /etc/armory-agent");
    system.copyIn(authority, "/etc/armory-agent/redis-ca.pem");
    settings("rollout: {bake: 1s}\ndrain: {load_balancer: 8s}\n");
    system.write(ROOT + "/etc/armory-agent/compose/docker-compose.override.yml", SLOW);
    system.write(ROOT + "/etc/armory-agent/env/default.env", environment);
    system.mustShell("chmod 600 %s/etc/armory-agent/env/default.env".formatted(ROOT));
    system.write(
        "/etc/systemd/system/armory-agent.service",
        """
        [Unit]
        Wants=docker.service
        After=docker.service
        [Service]
        KillMode=process
        Environment=%s
        ExecStart=%s run
        [Install]
        WantedBy=multi-user.target
        """
            .formatted(environment(), TOP.resolve("packaging/bin/armory-agent")));
    system.must("systemctl", "daemon-reload");
    system.must("systemctl", "enable", "-q", "armory-agent");
  }

  /// @param more of its agent.yaml, read when the agent starts
  void settings(String more) {
    system.write(
        ROOT + "/etc/armory-agent/agent.yaml",
        """
        identity: {stack: ha, role: ha, instance_id: %s, private_ip: %s}
        aws: %s
        polling: elect
        http: {address: 0.0.0.0, port: 5000}
        """
                .formatted(name, ip, aws)
            + more);
  }

  /// The same network inside as all others have, so that nodes differ by their addresses alone.
  void alike() {
    system.write(ROOT + "/etc/armory-agent/env/ha.env", "STACK_SUBNET=10.215.1.0/24\n");
  }

  /// From its next start and settings on the node hears what EC2 has in mind for it.
  ///
  /// @param services of AWS, as the node reaches them
  void hearsEc2(URI services) {
    system.tag(Map.of("armory:role", "ha"));
    aws = "on";
    environment =
        " AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1"
            .formatted(services);
    system.write(
        "/etc/systemd/system/armory-agent.service.d/aws.conf",
        "[Service]\nEnvironment=" + environment.strip() + "\n");
    system.must("systemctl", "daemon-reload");
  }

  /// @param value of an item of the instance metadata
  void ec2Says(String item, String value) {
    system.write("/tmp/items.json", JSON.createObjectNode().put(item, value).toString());
    system.mustShell("curl -sSf -X PUT -d @/tmp/items.json http://127.0.0.1:1690/items");
  }

  /// Changes what gate gets, as a parameter would.
  void release(String environment) {
    system.write(
        ROOT + "/etc/armory-agent/compose/release.yml",
        "services: {gate: {environment: {" + environment + "}}}\n");
  }

  private static String environment() {
    return "ARMORY_AGENT_HOME=%s ARMORY_AGENT_ROOT=%s JAVA_HOME=%s"
        .formatted(TOP.resolve("target/dist"), ROOT, System.getProperty("java.home"));
  }

  void startAgent() {
    system.must("systemctl", "start", "armory-agent");
  }

  boolean isRunning() {
    return system.run("systemctl", "is-active", "-q", "armory-agent").exit() == 0;
  }

  void signalAgent(String signal) {
    system.must("systemctl", "kill", "--kill-who=main", "-s", signal, "armory-agent");
  }

  SystemdNode.Result agent(String... arguments) {
    return system.shell(
        environment()
            + environment
            + " "
            + TOP.resolve("packaging/bin/armory-agent")
            + " "
            + String.join(" ", arguments));
  }

  /// Nothing of this node reaches the shared Redis any more.
  void cutOffFromRedis() {
    for (var chain : new String[] {"OUTPUT", "FORWARD"}) {
      system.must("iptables", "-I", chain, "-p", "tcp", "--dport", "16379", "-j", "DROP");
    }
  }

  void joinRedis() {
    for (var chain : new String[] {"OUTPUT", "FORWARD"}) {
      system.must("iptables", "-D", chain, "-p", "tcp", "--dport", "16379", "-j", "DROP");
    }
  }

  /// As a power cut.
  void lose() {
    Shell.must("docker", "kill", system.name());
  }

  void bootAgain() {
    system.reboot();
  }

  boolean isReady() {
    try {
      // As patient as a load balancer.
      return get("/health/ready", Duration.ofSeconds(3)).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  void awaitReady() {
    await("ready: " + name)
        .atMost(Duration.ofMinutes(4))
        .pollInterval(Duration.ofMillis(300))
        .until(this::isReady);
  }

  JsonNode health() {
    try {
      return JSON.readTree(get("/health", Duration.ofSeconds(20)).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpResponse<String> get(String path, Duration patience) throws IOException {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(URI.create("http://" + ip + ":5000" + path))
              .timeout(patience)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /// Container name → its ID and start, of everything but the elected pollers.
  Map<String, String> lives() {
    var all = new TreeMap<String, String>();
    system
        .mustShell(
            "docker ps -aq --filter label=com.docker.compose.project=spinnaker"
                + " | xargs docker inspect -f '{{.Name}} {{.Id}} {{.State.StartedAt}}'")
        .out()
        .lines()
        .filter(l -> !l.contains("poller") && !l.contains("scheduler"))
        .forEach(l -> all.put(l.substring(0, l.indexOf(' ')), l.substring(l.indexOf(' ') + 1)));
    return all;
  }

  String journal() {
    return system.journal("armory-agent");
  }

  @Override
  public void close() {
    system.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
