package io.armory.agent.e2e;

import static io.armory.agent.e2e.SmallStack.lives;
import static io.armory.agent.e2e.SmallStack.noOverlay;
import static io.armory.agent.e2e.SmallStack.overlay;
import static io.armory.agent.e2e.SmallStack.synced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.FreePort;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a change of the sources does to a running stack: no more than it must, one container at a
/// time, and back again when it fails.
class RolloutE2E {
  private static final String SUBNET = SmallStack.subnet();

  @TempDir static Path root;
  private static @Nullable Node started;

  @BeforeAll
  static void up() {
    var node = SmallStack.node(root, "rollout", "rollout: {timeout: 12s, bake: 1s}");
    started = node;
    SmallStack.parameters(node, SUBNET, "dev");
    node.startAgent();
    node.awaitReady();
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
  }

  /// Every scenario begins with the same stack.
  @BeforeEach
  void reset() throws IOException {
    noOverlay(node());
    parameters("dev");
    Files.deleteIfExists(root.resolve("etc/armory-agent/config/gate-local.yml"));
    synced(node(), "--remove-orphans");
  }

  @Test
  void a_new_release_replaces_one_container_at_a_time() throws InterruptedException {
    var before = lives(node());
    parameters("next");
    try (var tape = EventTape.of(node().project);
        var gate = new Outage(node().gatePort)) {
      synced(node());

      assertThat(tape.mostDownAtOnce(once())).as(tape.toString()).isEqualTo(1);
      assertThat(tape.created()).containsExactlyInAnyOrder("front50", "orca", "gate");
      assertThat(gate.longest()).as(tape.toString()).isLessThan(Duration.ofSeconds(8));
    }
    assertThat(lives(node()).keySet()).isEqualTo(before.keySet());
    assertThat(lives(node())).containsEntry(node().container("redis"), redis(before));
    for (var service : new String[] {"front50", "orca", "gate"}) {
      assertThat(image(service)).isEqualTo("armory-standin/" + service + ":next");
    }
  }

  /// As a JVM that boots: no port, and all the processor it gets.
  @Test
  void a_service_that_boots_for_longer_than_its_start_period_and_works_is_not_restarted() {
    overlay(
        node(),
        """
        services:
          gate:
            entrypoint:
              - /bin/sh
              - -c
              - |
                read -r from _ </proc/uptime
                now=$$from
                while [ $$(($${now%.*} - $${from%.*})) -lt 9 ]; do read -r now _ </proc/uptime; done
                exec /standin
            x-armory: {probe: {http: {port: 8084, path: /health}, interval: 200ms, timeout: 1s, start_period: 2s}}
        """);
    try (var told = Executors.newSingleThreadExecutor()) {
      var said = told.submit(() -> awaitStatus("still working; given up to 900 s"));

      synced(node());

      assertThat(said).succeedsWithin(Duration.ofSeconds(5));
    }
    assertThat(node().get("/health").json().path("services"))
        .filteredOn(s -> s.path("name").asText().equals("gate"))
        .allMatch(s -> s.path("restarts").asInt() == 0);
  }

  private static void awaitStatus(String text) {
    node().await(said -> said.contains(text), "status");
  }

  @Test
  void a_release_that_is_not_healthy_is_rolled_back_and_not_tried_again_until_it_changes() {
    var before = lives(node());
    parameters("dev", "GATE_IMAGE=armory-standin/gate:broken");

    var failed = node().cli("sync");

    assertThat(failed.exit()).as(failed.out() + failed.err()).isEqualTo(1);
    assertThat(failed.err()).contains("was rolled back", "gate");
    assertThat(failed.out())
        .as("the last log lines, and what it answered")
        .contains("gate | ", "gate | its health check answered: 503");
    assertThat(failed.err()).contains("its health check answered: 503");
    assertThat(node().isReady()).isTrue();
    evidenceIsKept();
    assertThat(ids()).as("the containers that served before").isEqualTo(ids(before));

    try (var tape = EventTape.of(node().project)) {
      var again = node().cli("sync");
      assertThat(again.exit()).as(again.out() + again.err()).isEqualTo(1);
      assertThat(again.err().lines().filter(l -> l.contains("not tried again"))).hasSize(1);
      assertThat(tape.count("create")).as(tape.toString()).isZero();
    }
    assertThat(ids()).isEqualTo(ids(before));

    parameters("dev", "GATE_IMAGE=armory-standin/gate:next");
    synced(node());
    assertThat(image("gate")).isEqualTo("armory-standin/gate:next");
  }

  /// The sources go on giving the other one; three services change, whose images are there.
  @Test
  void an_operator_goes_back_in_20_seconds_and_is_shown_to_hold_it_until_released() {
    var first = inForce();
    parameters("next");
    synced(node());
    var second = inForce();

    var began = Instant.now();
    var back = node().cli("rollback");

    assertThat(back.exit()).as(back.out() + back.err()).isZero();
    for (var service : List.of("front50", "orca", "gate")) {
      assertThat(startedAt(service)).as(back.out()).isBetween(began, began.plusSeconds(20));
    }
    assertThat(back.out()).contains("held until armory-agent sync, or rollback --release");
    assertRuns(first, "dev");
    var held = "revision " + first;
    assertThat(node().cli("status").out()).contains("HELD", held);
    assertThat(node().cli("events").out()).contains("rollback", first);
    assertThat(node().get("/health").json().at("/revision/held").asText()).contains(held);
    assertThat(node().get("/metrics").body())
        .contains("armory_revision_held 1.0", "wanted=\"" + second + "\"");

    var named = node().cli("rollback", second);
    assertThat(named.exit()).as(named.out() + named.err()).isZero();
    assertRuns(second, "next");
    assertThat(node().cli("rollback", "--release").exit()).isZero();
    assertThat(node().get("/metrics").body()).contains("armory_revision_held 0.0");
    assertThat(node().cli("status").out()).doesNotContain("HELD");
    assertThat(node().cli("history").out()).contains(first, second, "rollback");
  }

  private static Instant startedAt(String service) {
    var container = EngineSocket.container(node().container(service));
    return Instant.parse(container.at("/State/StartedAt").asText());
  }

  private static String inForce() {
    return node().get("/health").json().at("/revision/id").asText();
  }

  private static void assertRuns(String revision, String tag) {
    assertThat(inForce()).isEqualTo(revision);
    for (var service : List.of("front50", "orca", "gate")) {
      assertThat(image(service)).isEqualTo("armory-standin/" + service + ":" + tag);
    }
  }

  /// Known before anything is tried; what only the engine knows, it is asked beforehand
  /// (NetworkTrialIT).
  @Test
  void a_range_that_another_network_has_takes_nothing_down_and_is_refused_at_once() {
    var before = lives(node());
    var other = "e2e-rollout-other-" + ProcessHandle.current().pid();
    var range = SmallStack.subnet();
    Shell.must("docker", "network", "create", "--subnet", range, other);
    try (var tape = EventTape.of(node().project)) {
      SmallStack.parameters(node(), range, "dev");
      var began = System.nanoTime();
      var failed = node().cli("sync");
      assertThat(failed.exit()).as(failed.out() + failed.err()).isEqualTo(2);
      assertThat(failed.err()).contains("overlaps " + range, other, "STACK_SUBNET");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
      assertThat(tape.count("die")).as(tape.toString()).isZero();
      assertThat(lives(node())).isEqualTo(before);
      assertThat(node().isReady()).isTrue();
    } finally {
      parameters("dev");
      Shell.must("docker", "network", "rm", other);
    }
  }

  /// One that another program made with the name of the stack's.
  @Test
  void another_network_of_the_same_name_is_left_alone_and_the_own_one_used() {
    var name = node().project + "_spinnaker";
    var stack = EngineSocket.get("/networks/" + name).path("Id").asText();
    var other =
        EngineSocket.made(
            "/networks/create", "{\"Name\":\"%s\",\"CheckDuplicate\":false}".formatted(name));
    try {
      parameters("next");
      synced(node());
      Shell.must("docker", "kill", node().container("orca"));
      await().until(() -> SmallStack.running(node()).getOrDefault("orca", 0) == 1);
      node().awaitReady();
      for (var service : SmallStack.SERVICES) {
        var networks =
            EngineSocket.container(node().container(service)).at("/NetworkSettings/Networks");
        assertThat(networks.findValuesAsText("NetworkID")).containsExactly(stack);
      }
      assertThat(EngineSocket.get("/networks/" + other).path("Containers")).isEmpty();
    } finally {
      Shell.must("docker", "network", "rm", other);
    }
  }

  private static void evidenceIsKept() {
    var kept = node().cli("logs", "gate", "--failed");
    assertThat(kept.exit()).as(kept.err()).isZero();
    assertThat(kept.out())
        .contains(
            "gate failed with revision",
            "armory-standin/gate:dev → armory-standin/gate:broken",
            "answered   503",
            "  | ");
    assertThat(node().cli("events", "--since", "5m").out()).contains("logs gate --failed");
    assertThat(node().cli("logs", "orca", "--failed").exit()).isEqualTo(1);
    var doctor = node().cli("doctor");
    assertThat(doctor.exit()).as(doctor.out()).isEqualTo(1);
    assertThat(doctor.out()).contains("rejected: revision").doesNotContain("Nothing is wrong");
  }

  @Test
  void a_container_that_the_engine_refuses_to_start_is_told_in_the_engines_own_words() {
    var before = lives(node());
    overlay(
        node(),
        """
        services:
          gate:
            volumes: [{type: bind, source: /etc/hostname, target: /etc}]
        """);

    var failed = node().cli("sync");

    assertThat(failed.exit()).as(failed.out() + failed.err()).isEqualTo(1);
    assertThat(failed.err()).contains("not a directory");
    assertThat(failed.err().indexOf("not a directory"))
        .isLessThan((failed.err() + "before that").indexOf("before that"));
    assertThat(ids()).isEqualTo(ids(before));
    assertThat(node().isReady()).isTrue();
  }

  /// What is known before the predecessor is stopped stops it not.
  @Test
  void what_would_keep_a_container_from_starting_stops_nothing() throws IOException {
    var before = lives(node());
    try (var tape = EventTape.of(node().project);
        var other = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
      overlay(
          node(),
          """
          services:
            front50:
              logging: {driver: fluentd, options: {fluentd-address: "127.0.0.1:%d"}}
          """
              .formatted(FreePort.next()));
      var collector = node().cli("sync");
      assertThat(collector.exit()).as(collector.out() + collector.err()).isEqualTo(1);
      assertThat(collector.err()).contains("log collector 127.0.0.1:", "does not answer");

      overlay(
          node(),
          "services: {gate: {ports: !override ['127.0.0.1:%d:8084']}}%n"
              .formatted(other.getLocalPort()));
      var port = node().cli("sync");
      assertThat(port.exit()).as(port.out() + port.err()).isEqualTo(1);
      assertThat(port.err())
          .contains("host port 127.0.0.1:" + other.getLocalPort() + " is taken by");
      assertThat(tape.count("die")).as(tape.toString()).isZero();
    }
    assertThat(lives(node())).isEqualTo(before);
    assertThat(node().get("/health").json().path("replace").path("holds").asBoolean()).isFalse();
    assertThat(node().isReady()).isTrue();
  }

  /// The node as it is at that moment, not as it was when the revision became good.
  @Test
  void sync_ends_well_on_a_node_that_is_ready_and_not_before() throws IOException {
    // Until the next start has to wait for longer than readiness is kept.
    await()
        .until(() -> {
          Shell.run(List.of("docker", "kill", node().container("orca")));
          return !node().isReady();
        });

    assertThat(synced(node()).out()).contains("is healthy: all 4 services are up");
    assertThat(node().isReady()).isTrue();

    node().cli("stop", "gate");
    await().until(() -> !node().isReady());
    var stopped = node().cli("sync");
    var doctor = doctorBesideAnother(gatesPort());
    node().cli("start", "gate");
    assertThat(stopped.exit()).as(stopped.out() + stopped.err()).isEqualTo(1);
    assertThat(stopped.err()).startsWith("armory-agent: the node is not ready: gate is stopped");
    assertThat(doctor.exit()).isEqualTo(1);
    assertThat(doctor.out())
        .contains("WRONG   ready: this node is not ready", "armory-agent start gate")
        .doesNotContain("Nothing is wrong", "is taken by");
  }

  private static int gatesPort() {
    var bindings = EngineSocket.container(node().container("gate")).at("/HostConfig/PortBindings");
    return Integer.parseInt(bindings.path("8084/tcp").path(0).path("HostPort").asText());
  }

  /// The port is taken on another address, which hinders nobody.
  private static Shell.Result doctorBesideAnother(int port) throws IOException {
    try (var _ = new ServerSocket(port, 5, InetAddress.ofLiteral("127.0.0.2"))) {
      return node().cli("doctor");
    }
  }

  @Test
  void a_leftover_that_cannot_be_removed_fails_no_release() {
    var files =
        Shell.must("docker", "info", "-f", "{{.DockerRootDir}}").trimmed()
            + "/containers/"
            + node().containerId("gate")
            + "/hostname";
    asRoot("chattr", "+i", files);
    try {
      for (var release : new String[] {"next", "dev"}) {
        parameters("dev", "GATE_IMAGE=armory-standin/gate:" + release);
        synced(node());
      }
      // The engine has half a minute for a removal before it is said.
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() ->
              assertThat(node().get("/health").json().path("problems").toString())
                  .contains("not needed any more", "docker rm"));
      assertThat(node().cli("events", "--since", "5m").out()).doesNotContain("going back");
    } finally {
      asRoot("chattr", "-i", files);
    }
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> node().get("/health").json().path("problems").isEmpty());
  }

  private static void asRoot(String... command) {
    var all = new ArrayList<String>();
    if (!"root".equals(System.getProperty("user.name"))) {
      all.addAll(List.of("sudo", "-n"));
    }
    all.addAll(List.of(command));
    Shell.must(all.toArray(String[]::new));
  }

  @Test
  void an_image_that_cannot_be_pulled_is_told_with_its_reason_first_and_stops_nothing() {
    var before = lives(node());
    var image = "localhost:1/" + "a-team-of-many-people/".repeat(4) + "gate:release-2026.2.x-none";
    parameters("next", "GATE_IMAGE=" + image);
    try (var tape = EventTape.of(node().project)) {
      var early = node().cli("sync", "--timeout", "6s");
      assertThat(early.exit()).isEqualTo(1);
      assertThat(early.err())
          .matches("armory-agent: .{0,60}localhost:1.*connection refused(?s:.*)");
      for (var narrow : List.of(node().narrow("status"), node().narrow("plan"))) {
        assertThat(narrow.out().lines()).allMatch(l -> l.length() <= 80);
        assertThat(String.join(" ", narrow.out().lines().limit(5).map(String::strip).toList()))
            .contains("connection refused");
      }
      assertThat(node().get("/health").json().path("revision").path("heldUp").asText())
          .contains("connection refused");

      var failed = node().cli("sync");
      assertThat(failed.exit()).as(failed.out() + failed.err()).isEqualTo(1);
      assertThat(failed.err()).contains("connection refused", image);
      assertThat(tape.count("die")).as(tape.toString()).isZero();
    }
    assertThat(lives(node())).isEqualTo(before);
    assertThat(node().isReady()).isTrue();
  }

  @Test
  void a_change_of_one_services_configuration_replaces_that_service_alone() {
    var before = lives(node());
    node().write("etc/armory-agent/config/gate-local.yml", "site: {says: hello}\n");

    synced(node());

    var after = lives(node());
    assertThat(after.get(node().container("gate")))
        .isNotEqualTo(before.get(node().container("gate")));
    before.remove(node().container("gate"));
    assertThat(after).containsAllEntriesOf(before);
  }

  @Test
  void a_service_is_scaled_up_and_down_beside_its_first_container() {
    var before = lives(node());
    overlay(node(), "services: {orca: {scale: 3}}\n");
    synced(node());
    assertThat(lives(node()).keySet())
        .contains(node().project + "-orca-2", node().project + "-orca-3")
        .hasSize(before.size() + 2);
    assertThat(lives(node())).containsAllEntriesOf(before);

    overlay(node(), "services: {orca: {scale: 2}}\n");
    synced(node());
    assertThat(lives(node()).keySet())
        .contains(node().project + "-orca-2")
        .hasSize(before.size() + 1);

    noOverlay(node());
    synced(node());
    assertThat(lives(node())).isEqualTo(before);
  }

  @Test
  void a_one_shot_service_runs_once() {
    overlay(
        node(),
        """
        services:
          migration:
            image: armory-standin/service:dev
            environment: {EXIT_CODE: "0"}
            networks: [spinnaker]
          orca:
            depends_on:
              migration: {condition: service_completed_successfully}
        """);
    synced(node());
    var done = EngineSocket.container(node().container("migration")).path("State");
    assertThat(done.path("Status").asText()).isEqualTo("exited");
    assertThat(done.path("ExitCode").asInt()).isZero();
    var before = lives(node());

    node().stopAgent();
    node().startAgent();
    node().awaitReady();
    synced(node());
    node().killAgent();
    node().startAgent();
    node().awaitReady();

    assertThat(lives(node())).isEqualTo(before);
    assertThat(node().cli("plan").out()).contains("Nothing to do");
  }

  @Test
  void a_changed_network_is_made_anew_and_every_container_stays() {
    var before = ids();
    var other = SmallStack.subnet();
    SmallStack.parameters(node(), other, "dev");

    synced(node());

    var network = EngineSocket.get("/networks/" + node().project + "_spinnaker");
    assertThat(network.path("IPAM").path("Config").path(0).path("Subnet").asText())
        .isEqualTo(other);
    assertThat(ids()).isEqualTo(before);
    assertThat(node().isReady()).isTrue();
  }

  @Test
  void what_no_service_defines_is_reported_and_removed_on_request_alone() {
    overlay(
        node(),
        """
        services:
          extra:
            image: armory-standin/service:dev
            networks: [spinnaker]
        """);
    synced(node());
    noOverlay(node());
    synced(node());
    assertThat(lives(node())).containsKey(node().container("extra"));
    assertThat(node().get("/health").json().path("problems").toString())
        .contains("is an orphan", "--remove-orphans");

    synced(node(), "--remove-orphans");

    assertThat(lives(node())).doesNotContainKey(node().container("extra")).hasSize(4);
    assertThat(node().get("/health").json().path("problems").toString())
        .doesNotContain("is an orphan");
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  private static void parameters(String release, String... more) {
    SmallStack.parameters(node(), SUBNET, release, more);
  }

  private static Map<String, String> ids() {
    return ids(lives(node()));
  }

  private static Map<String, String> ids(Map<String, String> lives) {
    var all = new HashMap<String, String>();
    lives.forEach((name, life) -> all.put(name, life.substring(0, life.indexOf(' '))));
    return all;
  }

  private static Map<String, Integer> once() {
    var all = new HashMap<String, Integer>();
    SmallStack.SERVICES.forEach(s -> all.put(s, 1));
    return all;
  }

  private static String redis(Map<String, String> lives) {
    return lives.getOrDefault(node().container("redis"), "");
  }

  private static String image(String service) {
    return EngineSocket.container(node().container(service)).path("Config").path("Image").asText();
  }

  /// Asks a port all the time, and knows how long it did not answer.
  private static final class Outage implements AutoCloseable {
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Thread thread;
    private volatile Duration longest = Duration.ZERO;

    Outage(int port) {
      thread =
          Thread.ofPlatform().start(() -> ask(URI.create("http://127.0.0.1:" + port + "/health")));
    }

    private void ask(URI uri) {
      var good = System.nanoTime();
      while (!ended.get()) {
        if (answers(uri)) {
          var gap = Duration.ofNanos(System.nanoTime() - good);
          longest = gap.compareTo(longest) > 0 ? gap : longest;
          good = System.nanoTime();
        }
        java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
      }
    }

    private static boolean answers(URI uri) {
      try {
        var connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setConnectTimeout(500);
        connection.setReadTimeout(500);
        return connection.getResponseCode() == 200;
      } catch (IOException e) {
        return false;
      }
    }

    Duration longest() {
      return longest;
    }

    @Override
    public void close() {
      ended.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
