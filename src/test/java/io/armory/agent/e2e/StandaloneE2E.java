package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The main job: the stand-alone stack on a real Docker Engine with real Redis, kept as it should
/// be while things happen to it.
class StandaloneE2E {
  /// Service → its port inside the stack's network.
  private static final Map<String, Integer> INTERNAL =
      Map.of(
          "redis", 6379,
          "postgres", 5432,
          "front50", 8080,
          "clouddriver", 7002,
          "orca", 8083,
          "rosco", 8087,
          "echo", 8089,
          "igor", 8088);

  @TempDir static Path root;
  private static @Nullable Node started;

  /// What other programs of this machine listened on before.
  private static final Set<String> taken = new HashSet<>();

  @BeforeAll
  static void up() throws IOException {
    var node = new Node(root, "e2e-standalone-" + ProcessHandle.current().pid());
    started = node;
    // Another than the default: a demo beside the tests has that one.
    node.write("etc/armory-agent/env/e2e.env", "STACK_SUBNET=" + SmallStack.subnet() + "\n");
    // Probes quick enough for a test; the rules are the same.
    node.write(
        Node.OVERRIDE,
        """
        # The engine's own checks, which nobody here asks for, cost a process each.
        x-quiet: &quiet {interval: 10m}
        x-soon: &soon {probe: {interval: 1s}}
        services:
          # Boots of seconds, as far as none of the tests waits for them.
          clouddriver: {environment: {START_DELAY: 3s}, healthcheck: *quiet, x-armory: *soon}
          orca: {environment: {START_DELAY: 3s}, healthcheck: *quiet, x-armory: *soon}
          redis: {healthcheck: *quiet, x-armory: *soon}
          postgres: {healthcheck: *quiet, x-armory: *soon}
          front50: {healthcheck: *quiet, x-armory: *soon}
          echo: {healthcheck: *quiet, x-armory: *soon}
          igor: {healthcheck: *quiet, x-armory: *soon}
          deck: {healthcheck: *quiet, x-armory: *soon}
          gate:
            healthcheck: *quiet
            x-armory: {probe: {interval: 300ms, timeout: 1s, start_period: 5s}}
          rosco:
            healthcheck: *quiet
            x-armory: {probe: {interval: 300ms, timeout: 1s, start_period: 5s}}
        """);
    for (var address : addresses()) {
      INTERNAL.values().stream()
          .filter(port -> connects(address, port))
          .forEach(port -> taken.add(address + ":" + port));
    }
    node.startAgent();
    var early = node.get("/health/ready");
    assertThat(early.status()).as("truthful from the first second").isEqualTo(503);
    assertThat(early.body()).contains("starting");
    node.awaitReady();
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
  }

  @BeforeEach
  void ready() {
    node().awaitReady();
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  @Test
  void every_service_runs_and_is_healthy() {
    assertThat(node().containers().keySet())
        .contains(node().container("redis"), node().container("gate"), node().container("deck"));
    for (var s : node().get("/health").json().path("services")) {
      assertThat(s.path("state").asText()).as(s.toString()).isEqualTo("up");
    }
  }

  @Test
  void only_deck_and_gate_can_be_reached_from_the_nodes_addresses() throws IOException {
    for (var address : addresses()) {
      for (var service : INTERNAL.entrySet()) {
        var published =
            Shell.must(
                    "docker",
                    "inspect",
                    "-f",
                    "{{json .HostConfig.PortBindings}}",
                    node().container(service.getKey()))
                .trimmed();
        assertThat(published).as(service.getKey()).isIn("{}", "null");
        var end = address + ":" + service.getValue();
        assertThat(taken.contains(end) || !connects(address, service.getValue()))
            .as(service.getKey() + " answers on " + end)
            .isTrue();
      }
      assertThat(connects(address, node().gatePort)).as("gate on " + address).isTrue();
      assertThat(connects(address, node().deckPort)).as("deck on " + address).isTrue();
    }
  }

  @Test
  void lighthouses_body_tells_the_truth_before_during_and_after_a_kill() {
    var before = node().get("/healthcheck");
    assertThat(before.status()).isEqualTo(200);
    assertThat(before.json().path("healthy").asBoolean()).isTrue();
    assertThat(before.json().path("systems").path("orca").asBoolean()).isTrue();
    assertThat(before.json().path("systems").path("host").path("diskUsage").isNumber()).isTrue();
    var restarts = node().service("orca").path("restarts").asInt();
    Shell.must("docker", "kill", node().container("orca"));
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> !node().get("/healthcheck").json().path("systems").path("orca").asBoolean());
    // Readiness falls some seconds late: what is waited for is the new start.
    await().until(() -> node().service("orca").path("restarts").asInt() > restarts);
    await().until(() -> node().get("/healthcheck").json().path("systems").path("orca").asBoolean());
    node().awaitReady();
    assertThat(node().get("/healthcheck").status()).isEqualTo(200);
  }

  @Test
  void a_killed_container_is_back_the_same_one_and_the_cause_is_told() {
    var id = node().containerId("echo");
    endAndAwait("echo", "kill");
    assertThat(node().containerId("echo")).isEqualTo(id);
    var events = node().cli("events", "--since", "10m");
    assertThat(events.exit()).as(events.err()).isZero();
    assertThat(events.out()).contains("start container " + node().container("echo"), "by hand");
  }

  @Test
  void a_deleted_container_is_recreated_and_its_log_followed_on() throws IOException {
    var id = node().containerId("igor");
    say("igor", "first");
    var log = root.resolve("igor.log");
    var following = node().launch(log, "logs", "igor", "--follow");
    try {
      await().until(() -> Files.readString(log).contains("first"));
      endAndAwait("igor", "kill");
      say("igor", "second");
      // A log that is removed with its container at once is not the engine's to show.
      await().until(() -> Files.readString(log).contains("second"));
      Shell.must("docker", "rm", "-f", node().container("igor"));
      // Readiness is not lost for so short an absence: the report has to name the new one.
      await()
          .until(() -> {
            var igor = node().service("igor");
            var now = igor.path("containers").path(0).path("id").asText(id);
            return igor.path("state").asText().equals("up") && !now.equals(id);
          });
      say("igor", "third");
      await().until(() -> Files.readString(log).contains("third"));
    } finally {
      following.destroy();
    }
    assertThat(Files.readAllLines(log))
        .filteredOn(l -> l.contains("told: log="))
        .containsExactly(
            "igor: told: log=first", "igor: told: log=second", "igor: told: log=third");
  }

  /// Until it is up again: readiness falls some seconds late, and must not do so in the next test.
  private static void endAndAwait(String service, String how) {
    var restarts = node().service(service).path("restarts").asInt();
    Shell.must("docker", how, node().container(service));
    await()
        .until(() -> {
          var now = node().service(service);
          return now.path("restarts").asInt() > restarts && now.path("state").asText().equals("up");
        });
    node().awaitReady();
  }

  private static void say(String service, String line) {
    Shell.must("docker", "exec", node().container(service), "/standin", "ctl", "log=" + line);
  }

  @Test
  void a_container_stopped_by_hand_is_repaired() {
    endAndAwait("front50", "stop");
  }

  @Test
  void a_hung_service_is_restarted_after_its_threshold() {
    var restarts = node().service("gate").path("restarts").asInt();
    Shell.must("docker", "exec", node().container("gate"), "/standin", "ctl", "hang");
    await().until(() -> node().service("gate").path("restarts").asInt() > restarts);
    node().awaitReady();
    assertThat(node().service("gate").path("lastFailure").path("what").asText())
        .contains("no answer");
  }

  /// Each pause is twice the one before: sooner or later it is longer than the engine takes to
  /// start a container, however slow that is today.
  @Test
  void a_service_that_keeps_failing_is_backed_off() {
    var kills = new AtomicInteger();
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> {
          if (node().service("rosco").path("doing").asText().matches(".* in \\d+ s.*")) {
            return true;
          }
          if (SmallStack.running(node()).getOrDefault("rosco", 0) == 1
              && Shell.run(List.of("docker", "kill", node().container("rosco"))).exit() == 0) {
            kills.incrementAndGet();
          }
          return false;
        });
    assertThat(kills).hasPositiveValue().hasValueLessThanOrEqualTo(10);
    node().awaitReady();
  }

  @Test
  void a_container_that_is_not_ours_is_left_alone() {
    var name = node().project + "-foreign";
    Shell.must(
        "docker",
        "run",
        "-d",
        "--name",
        name,
        "--network",
        node().project + "_spinnaker",
        "-e",
        "PORT=8080",
        "armory-standin/service:dev");
    try {
      var before = Shell.must("docker", "inspect", "-f", "{{.State.StartedAt}} {{.Id}}", name);
      endAndAwait("echo", "kill");
      assertThat(Shell.must("docker", "inspect", "-f", "{{.State.StartedAt}} {{.Id}}", name).out())
          .isEqualTo(before.out());
    } finally {
      Shell.must("docker", "rm", "-f", name);
    }
  }

  @Test
  void a_stopped_agent_leaves_the_stack_running_and_a_started_one_changes_nothing() {
    var before = node().containers();
    var started = startTimes(before.keySet());
    node().stopAgent();
    assertThat(startTimes(before.keySet())).isEqualTo(started);
    assertThat(node().cli("status").exit()).as("the agent is not running").isEqualTo(3);
    assertThat(
            Shell.must(
                    "docker",
                    "inspect",
                    "-f",
                    "{{.HostConfig.RestartPolicy.Name}}",
                    node().container("gate"))
                .trimmed())
        .as("the engine has the restarting while no agent runs")
        .isEqualTo("unless-stopped");
    node().startAgent();
    node().awaitReady();
    assertThat(node().containers()).isEqualTo(before);
    assertThat(startTimes(before.keySet())).isEqualTo(started);
  }

  @Test
  void an_agent_killed_hard_comes_back_to_the_same_stack() {
    var before = node().containers();
    node().killAgent();
    Shell.must("docker", "kill", node().container("echo"));
    node().startAgent();
    node().awaitReady();
    assertThat(node().containers()).isEqualTo(before);
  }

  @Test
  void a_service_stopped_by_an_operator_stays_stopped_until_started() {
    var stop = node().cli("stop", "rosco");
    assertThat(stop.exit()).as(stop.err()).isZero();
    assertThat(node().service("rosco").path("state").asText()).isEqualTo("stopped");
    node().stopAgent();
    node().startAgent();
    await()
        .ignoreExceptions()
        .until(() -> node().service("rosco").path("state").asText().equals("stopped"));
    var start = node().cli("start", "rosco");
    assertThat(start.exit()).as(start.err()).isZero();
    assertThat(node().service("rosco").path("state").asText()).isEqualTo("up");
  }

  @Test
  void status_is_a_table_people_can_read_and_says_ready_by_its_exit_code() {
    var status = node().cli("status");
    assertThat(status.exit()).isZero();
    assertThat(status.out()).contains("standalone", "gate", "redis", "READY");
    var json = node().cli("status", "--json");
    assertThat(json.out()).contains("\"services\"");
    assertThat(node().cli("plan").out()).contains("Nothing to do");
  }

  @Test
  void the_rendered_files_are_there_for_people() {
    assertThat(node().read("var/lib/armory-agent/rendered/docker-compose.yml"))
        .contains("armory-standin/gate:dev");
    assertThat(node().read("var/lib/armory-agent/rendered/resolved.env"))
        .contains("SPINNAKER_RELEASE=dev");
  }

  private static Map<String, String> startTimes(Set<String> containers) {
    var all = new java.util.TreeMap<String, String>();
    containers.forEach(c ->
        all.put(c, Shell.must("docker", "inspect", "-f", "{{.State.StartedAt}}", c).trimmed()));
    return all;
  }

  /// Every IPv4 address of the node but those of container networks.
  private static List<String> addresses() throws IOException {
    var all = new LinkedHashSet<String>();
    for (var i : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      if (!i.getName().startsWith("br-") && !i.getName().startsWith("veth")) {
        i.inetAddresses()
            .filter(java.net.Inet4Address.class::isInstance)
            .map(InetAddress::getHostAddress)
            .forEach(all::add);
      }
    }
    return List.copyOf(all);
  }

  private static boolean connects(String address, int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
