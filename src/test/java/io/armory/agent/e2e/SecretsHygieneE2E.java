package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.FreePort;
import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// Secrets are planted in the Parameter Store, used for real, and then looked for in everything the
/// agent writes, logs or shows. The node's role is a site's own.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SecretsHygieneE2E {
  private static final String PREPROD = "/armory/spinnaker/preprod/";

  /// What must be nowhere, by what it is.
  private static final Map<String, String> PLANTED =
      Map.of(
          "Redis password", "PLANTEDredis-Zx81",
          "secret file", "PLANTEDfile-Qw72",
          "Compose secret", "PLANTEDtoken-Er63",
          "secret that nothing uses", "PLANTEDunused-Ty54",
          "instance profile's key", "stand-in-secret-key",
          "instance profile's session", "stand-in-session-token");

  private static final String EVERYBODY_ELSE =
      "redis front50 clouddriver fiat orca rosco echo igor igor-poller echo-scheduler kayenta deck";

  @TempDir static Path root;
  private static final ImdsStandIn IMDS = new ImdsStandIn();
  private static final MotoServer AWS = new MotoServer();
  private static final long ID = ProcessHandle.current().pid();
  private static final int REDIS_PORT = FreePort.next();
  private static final String REDIS = "e2e-secrets-redis-" + ID;
  private static @Nullable Node started;

  /// Everything shown so far: the command → its output.
  private static final Map<String, String> shown = new LinkedHashMap<>();

  @BeforeAll
  static void start() {
    Shell.must(
        "docker",
        "run",
        "-d",
        "--name",
        REDIS,
        "-p",
        REDIS_PORT + ":6379",
        "armory-standin/redis:dev",
        "--requirepass",
        planted("Redis password"));
    var node =
        Node.inAws(
            root,
            "e2e-secrets-" + ID,
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", IMDS.endpoint().toString(),
                "AWS_ENDPOINT_URL_SSM", AWS.endpoint().toString(),
                "AWS_ENDPOINT_URL_AUTO_SCALING", "http://127.0.0.1:1",
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString(),
                "ARMORY_AGENT_OPTS", "-XX:ErrorFile=" + root.resolve("crash.log")));
    started = node;
    node.settings("drain: {load_balancer: 1s}\n");
    node.write("etc/armory-agent/compose/roles/edge.yml", role(node.gatePort));
    node.write(
        Node.OVERRIDE,
        """
        services:
          gate:
            secrets: [github-token]
        secrets:
          github-token: {environment: GITHUB_TOKEN}
        """);
    var network = "10.212." + ID % 250;
    IMDS.tag("armory:role", "edge");
    IMDS.tag("armory:param:REDIS_PORT", Integer.toString(REDIS_PORT));
    AWS.put(
        Map.of(
            PREPROD + "env/SPINNAKER_REGISTRY",
            "armory-standin",
            PREPROD + "env/STACK_SUBNET",
            network + ".0/24",
            // The node itself, as its containers see it.
            PREPROD + "env/REDIS_HOST",
            network + ".1",
            PREPROD + "version",
            "dev"));
    AWS.putSecret(PREPROD + "env/REDIS_PASSWORD", planted("Redis password"));
    AWS.putSecret(PREPROD + "env/GITHUB_TOKEN", planted("Compose secret"));
    AWS.putSecret(PREPROD + "env/SMTP_PASSWORD", planted("secret that nothing uses"));
    AWS.putSecret(PREPROD + "config/gate-local.yml", "key: " + planted("secret file") + "\n");
    node.startAgent("--debug");
    node.awaitReady();
    await().until(() -> Files.exists(root.resolve("var/lib/armory-agent/last-known-good")));
  }

  /// gate alone, as a site would split it out.
  private static String role(int port) {
    var text = new StringBuilder("services:\n");
    text.append("  gate:\n    ports: [\"").append(port).append(":8084\"]\n");
    text.append("    x-armory: {probe: {interval: 1s}}\n");
    for (var other : List.of(EVERYBODY_ELSE.split(" "))) {
      text.append("  ").append(other).append(": {profiles: !override [elsewhere]}\n");
    }
    return text.toString();
  }

  @AfterAll
  static void end() {
    if (started != null) {
      started.close();
    }
    Shell.run(List.of("docker", "rm", "-f", "-v", REDIS));
    IMDS.close();
    AWS.close();
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  private static String planted(String what) {
    var value = PLANTED.get(what);
    if (value == null) {
      throw new AssertionError(what);
    }
    return value;
  }

  @Test
  @Order(1)
  void secrets_arrive_as_files_that_the_services_user_can_read() {
    assertThat(inGate("cat /opt/spinnaker/config/gate-local.yml"))
        .isEqualTo("key: " + planted("secret file") + "\n");
    assertThat(inGate("cat /run/secrets/github-token")).isEqualTo(planted("Compose secret"));
    assertThat(inGate("cat /run/secrets/spring/services.redis.baseUrl"))
        .startsWith("redis://:" + planted("Redis password") + "@");
    assertThat(inGate("id -u").strip()).isEqualTo("10111");
  }

  private static String inGate(String command) {
    return Shell.must(
            "docker", "exec", "-u", "10111:10111", node().container("gate"), "sh", "-c", command)
        .out();
  }

  @Test
  @Order(2)
  void on_the_node_nobody_but_the_agent_gets_to_them() throws IOException {
    var secrets = root.resolve("run/armory-agent/secrets");
    try (var all = Files.walk(secrets)) {
      for (var path : all.toList()) {
        var mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        assertThat(mode).as(path.toString()).isEqualTo(expected(path));
      }
    }
    var state = root.resolve("var/lib/armory-agent");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isIn("rwx------", "rwxr-xr-x");
    for (var name : List.of("last-known-good", "seal.key", "digest-key", "known-facts")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve(name))))
          .as(name)
          .isIn("rw-------", "r--------");
    }
  }

  private static String expected(Path path) {
    if (Files.isDirectory(path)) {
      return "rwx------";
    }
    return path.endsWith(".generations") ? "rw-------" : "r--r--r--";
  }

  @Test
  @Order(3)
  void no_command_shows_one() {
    for (var command :
        List.of(
            "status",
            "status --json",
            "plan",
            "plan --json",
            "config",
            "config --json",
            "config --agent",
            "render",
            "render --format json",
            "render --current",
            "validate",
            "sync",
            "restart gate",
            "stop gate",
            "start gate",
            "pull",
            "logs",
            "logs gate --json",
            "events",
            "events --json",
            "maintenance on --for 1m --reason test",
            "maintenance off",
            "drain",
            "start",
            "doctor",
            "doctor --json",
            "version",
            "sync --debug",
            "doctor --debug")) {
      if (command.equals("doctor")) {
        // A start ends when its services are up; that the node is ready is reported after that.
        await().atMost(Duration.ofMinutes(1)).until(node()::isReady);
      }
      show(command);
    }
    assertThat(shown.get("config")).contains("GITHUB_TOKEN=********", "REDIS_PASSWORD=********");
    assertThat(shown.get("config --json")).contains("\"secret\":true");
    nothingShown();
  }

  @Test
  @Order(4)
  void doctor_finds_this_node_fine() {
    var doctor = shown.getOrDefault("doctor", "");
    assertThat(doctor)
        .contains("fine    agent: is running")
        .containsPattern("fine    docker: .* API 1\\.")
        .contains("fine    imds: answers (version 2), instance i-0123456789abcdef0")
        .contains("fine    tags: in the metadata", "fine    ssm: ", "fine    clock: within")
        .contains("fine    role: edge, from tag armory:role (IMDS)")
        .contains("fine    redis: 10.212.", "fine    ports: ")
        .contains("looked for in vain: tag armory:stack: not set")
        .contains("firewall: ")
        .contains("Nothing is wrong.");
  }

  @Test
  @Order(5)
  void no_answer_on_the_health_port_shows_one() {
    for (var path :
        List.of("/", "/health", "/health/live", "/health/ready", "/healthcheck", "/metrics")) {
      var answer = node().get(path);
      assertThat(answer.body()).as(path).isNotEmpty();
      shown.put("GET " + path, answer.body());
    }
    nothingShown();
  }

  @Test
  @Order(6)
  void no_container_and_no_process_shows_one() throws IOException {
    var all = node().containers();
    assertThat(all).hasSize(1);
    for (var id : all.values()) {
      shown.put("inspect " + id, Shell.must("docker", "inspect", "--size", id).out());
      shown.put("logs " + id, Shell.must("docker", "logs", id).out());
      var pids =
          Shell.must("docker", "top", id, "-eo", "pid").lines().stream()
              .skip(1)
              .map(String::strip)
              .toList();
      assertThat(pids).isNotEmpty();
      for (var pid : pids) {
        showProcess(pid);
      }
    }
    showProcess(Long.toString(node().pid()));
    nothingShown();
  }

  private static void showProcess(String pid) throws IOException {
    for (var file : List.of("cmdline", "environ")) {
      var path = Path.of("/proc", pid, file);
      shown.put(path.toString(), Files.readString(path, StandardCharsets.ISO_8859_1));
    }
  }

  /// What a service logs is not the agent's to choose; what is shown of it is.
  @Test
  @Order(7)
  void a_service_that_logs_its_own_password_does_not_have_it_shown() {
    inGate(
        "{ echo token is $(cat /run/secrets/github-token); cat"
            + " /run/secrets/spring/services.redis.baseUrl /opt/spinnaker/config/gate-local.yml; }"
            + " >/proc/1/fd/1");
    // The engine reads what a container writes in its own time.
    await()
        .untilAsserted(() ->
            assertThat(Shell.must("docker", "logs", node().container("gate")).out())
                .contains(
                    planted("Compose secret"), planted("Redis password"), planted("secret file")));
    show("logs gate");
    assertThat(shown.get("logs gate")).contains("token is ********\n********");
    Shell.must("docker", "kill", node().container("gate"));
    node().await(said -> said.contains("token is ********"), "status", "--json");
    node().awaitReady();
    show("status");
    show("status --json");
    bundle("with an agent");
    assertThat(shown.get("with an agent logs/" + node().container("gate") + ".log"))
        .contains("token is ********");
    assertThat(shown.get("with an agent agent/parameters.json")).contains("GITHUB_TOKEN");
    assertThat(shown.get("with an agent http/metrics.txt")).contains("armory_node_ready");
    assertThat(shown.get("with an agent README.txt")).contains("Not in it:");
    nothingShown();
  }

  /// Makes a support bundle, and takes everything in it as shown.
  private static void bundle(String when) {
    try {
      var at = Files.createTempDirectory("bundle");
      var file = at.resolve("bundle.tar.gz");
      var made = node().cli("support-bundle", "--output", file.toString());
      assertThat(made.exit()).as(made.err()).isZero();
      assertThat(made.out()).isEqualTo(file + "\n");
      shown.put(when, made.out() + made.err());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThat(node().cli("support-bundle", "--output", file.toString()).exit())
          .as("nothing is overwritten")
          .isEqualTo(2);
      Shell.must("tar", "-xzf", file.toString(), "-C", at.toString());
      Files.delete(file);
      try (var all = Files.walk(at)) {
        for (var one : all.filter(Files::isRegularFile).toList()) {
          var relative = at.relativize(one);
          shown.put(
              when + " " + relative.subpath(1, relative.getNameCount()), Files.readString(one));
        }
      }
      Shell.must("rm", "-rf", at.toString());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Order(8)
  void a_secret_used_in_the_open_is_refused_without_a_word_of_it() {
    node()
        .write(
            "etc/armory-agent/compose/leak.yml",
            "services:\n  gate:\n    environment:\n      TOKEN: ${GITHUB_TOKEN}\n");
    show("sync --debug");
    assertThat(shown.get("sync --debug")).contains("GITHUB_TOKEN", "leak.yml:4");
    show("validate");
    show("status");
    show("doctor");
    assertThat(shown.get("doctor")).contains("WRONG   stack: ");
    nothingShown();
    assertThat(node().isReady()).as("what runs goes on").isTrue();
  }

  @Test
  @Order(9)
  void no_crash_leaves_one_behind() {
    signal("QUIT");
    await().until(() -> node().logText().contains("Full thread dump"));
    signal("SEGV");
    await().until(() -> !node().isAlive());
    assertThat(root.resolve("crash.log")).exists();
    var doctor = node().cli("doctor");
    shown.put("doctor without an agent", doctor.out() + doctor.err());
    assertThat(doctor.out()).contains("advice  agent: is not running");
    bundle("without an agent");
    assertThat(shown.get("without an agent")).contains("not in it: agent/status.txt: the agent is");
    assertThat(shown.get("without an agent engine/containers.txt")).contains("-gate-1");
    assertThat(shown.get("without an agent logs/" + node().container("gate") + ".log"))
        .isNotEmpty();
    assertThat(shown.get("without an agent state/events.jsonl")).contains("gate");
    assertThat(shown.get("without an agent doctor.txt")).contains("fine    docker");
    nothingShown();
    nothingOnDisk();
  }

  private static void signal(String name) {
    Shell.must("kill", "-" + name, Long.toString(node().pid()));
  }

  /// Every byte under the root but the tmpfs's secrets: state, rendered files, journal, log, crash.
  private static void nothingOnDisk() {
    var looked = new ArrayList<String>();
    try (var all = Files.walk(root)) {
      for (var path : all.filter(Files::isRegularFile).toList()) {
        if (!path.startsWith(root.resolve("run/armory-agent/secrets"))) {
          looked.add(root.relativize(path).toString());
          nothingIn(path.toString(), Files.readString(path, StandardCharsets.ISO_8859_1));
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(looked)
        .contains(
            "agent.log",
            "crash.log",
            "var/lib/armory-agent/last-known-good",
            "var/lib/armory-agent/known-facts",
            "var/lib/armory-agent/rendered/docker-compose.yml",
            "var/lib/armory-agent/rendered/resolved.env");
  }

  private static void show(String command) {
    var result = node().cli(command.split(" "));
    shown.put(command, result.out() + result.err());
  }

  private static void nothingShown() {
    shown.forEach(SecretsHygieneE2E::nothingIn);
    nothingIn("the log", node().logText());
  }

  private static void nothingIn(String where, String text) {
    PLANTED.forEach((what, value) -> {
      assertThat(text.contains(value)).as(what + " in " + where).isFalse();
      var encoded = Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
      // Its last group depends on what follows.
      var stem = encoded.substring(0, encoded.length() - 4);
      assertThat(text.contains(stem)).as(what + ", encoded, in " + where).isFalse();
    });
  }
}
