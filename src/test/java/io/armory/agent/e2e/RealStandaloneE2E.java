package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// The stand-alone role on real Spinnaker, told in order: what is shipped, and nothing else, goes
/// from nothing to READY and keeps people's pipelines whatever happens to it.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIfSystemProperty(named = RealRun.PROPERTY, matches = ".+", disabledReason = RealRun.HOW)
class RealStandaloneE2E {
  private static final RealRun REAL = RealRun.found();
  private static final Set<String> PIPELINES = Set.of("gate", "orca", "front50");

  /// Two cores, ten services, one after the other.
  private static final Duration BOOT = Duration.ofMinutes(30);

  private static final String WAIT = "\"type\": \"wait\", \"waitTime\": %d";
  private static final String CALL =
      "\"type\": \"webhook\", \"method\": \"POST\", \"url\": \""
          + SlowServer.url()
          + "\", \"payload\": {}";

  @TempDir static Path root;
  private static @Nullable Node started;
  private static boolean isUp;

  @BeforeAll
  static void prepare() {
    var node = new Node(root, "e2e-real-" + ProcessHandle.current().pid());
    started = node;
    parameters(node, SmallStack.subnet(), false);
  }

  /// Images and this test's own ports and network: no overlay, and no file of configuration.
  private static void parameters(Node node, String subnet, boolean next) {
    node.write(
        "etc/armory-agent/env/default.env",
        """
        %sREDIS_IMAGE=armory-standin/redis:dev
        POSTGRES_IMAGE=armory-standin/postgres:dev
        GATE_PUBLISHED_PORT=%d
        DECK_PUBLISHED_PORT=%d
        STACK_SUBNET=%s
        """
            .formatted(REAL.images(next), node.gatePort, node.deckPort, subnet));
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
    REAL.removeNext();
  }

  private static Node node() {
    return Objects.requireNonNull(started);
  }

  private static RealGate gate() {
    return new RealGate("http://127.0.0.1:" + node().gatePort);
  }

  @Test
  @Order(1)
  void from_nothing_to_ready_with_what_is_shipped() {
    REAL.part(
        "stand-alone, from nothing to READY",
        Set.of(),
        () -> {
          var begun = Instant.now();
          node().startAgent();
          await("ready")
              .atMost(BOOT)
              .pollInterval(Duration.ofSeconds(1))
              .until(this::readyAndTruthful);
          var status = node().cli("status");
          assertThat(status.exit()).as(status.out()).isZero();
          assertThat(restarts().values()).as(restarts() + events()).allMatch(n -> n == 0);
          isUp = true;
          return "%d s, no restart, status truthful all the way".formatted(secondsSince(begun));
        });
  }

  /// It says why it is not ready as long as it is not, and does not say that it is before all are
  /// up.
  private boolean readyAndTruthful() {
    var report = node().get("/health").json();
    if (!report.path("ready").path("holds").asBoolean()) {
      assertThat(report.path("ready").path("reason").asText()).isNotBlank();
      return false;
    }
    assertThat(report.path("services")).isNotEmpty();
    assertThat(report.path("services"))
        .as(report.path("services").toPrettyString())
        .allMatch(s -> Set.of("up", "stopped").contains(s.path("state").asText()));
    return node().isReady();
  }

  private static void part(String name, Set<String> needs, RealRun.Part part) {
    REAL.part(name, needs, isUp, part);
  }

  @Test
  @Order(2)
  void a_pipeline_with_a_wait_stage_runs_through_gate() {
    part(
        "a pipeline with a wait stage, through gate",
        PIPELINES,
        () -> {
          var execution = gate().start("waits-briefly", WAIT.formatted(5));
          awaitSucceeded(execution);
          return "saved, started and SUCCEEDED";
        });
  }

  @Test
  @Order(3)
  void a_killed_and_a_hung_service_come_back() {
    part(
        "kill and hang",
        Set.of(),
        () -> {
          var said = new TreeSet<String>();
          for (var service : List.of("orca", "gate")) {
            said.add(service + " killed: " + outage(service, "KILL") + " s");
          }
          said.add("echo hung: " + outage("echo", "STOP") + " s");
          return String.join(", ", said);
        });
  }

  /// @return how long it took until all was well again, in seconds
  private static long outage(String service, String signal) {
    var begun = Instant.now();
    var restarts = node().service(service).path("restarts").asInt();
    Shell.must("docker", "kill", "-s", signal, node().container(service));
    await(service + " was restarted")
        .atMost(Duration.ofMinutes(5))
        .until(() -> node().service(service).path("restarts").asInt() > restarts);
    // The node is called not ready only once that has lasted: so the service is asked first.
    await(service + " is up again")
        .atMost(BOOT)
        .until(() -> node().service(service).path("state").asText().equals("up"));
    awaitReady();
    return secondsSince(begun);
  }

  @Test
  @Order(4)
  void a_drain_waits_for_work_in_hand_and_loses_no_waiting_pipeline() {
    part(
        "a drain under work",
        PIPELINES,
        () -> {
          try (var slow = new SlowServer(node().project + "_spinnaker", 15)) {
            var waiting = gate().start("waits-long", WAIT.formatted(180));
            var calling = gate().start("calls", CALL);
            await("orca asks the slow one")
                .atMost(Duration.ofMinutes(2))
                .until(() -> slow.asked() == 1);
            var drain = node().cli("drain", "--timeout", "5m");
            assertThat(drain.exit()).as(drain.out() + drain.err()).isZero();
            assertThat(slow.answered()).as("the work in hand was waited for").isEqualTo(1);
            assertThat(SmallStack.running(node()).values()).allMatch(n -> n == 0);
            // It ends when the node is ready, which is later than a command may take here.
            var start = node().launch(root.resolve("start.log"), "start");
            awaitReady();
            await("start ends").until(() -> !start.isAlive());
            assertThat(start.exitValue()).as(node().read("start.log")).isZero();
            awaitSucceeded(waiting);
            awaitSucceeded(calling);
            assertThat(slow.asked()).as("nothing was done twice").isEqualTo(1);
          }
          return "what was in hand was waited for and not done twice; the waiting pipeline went on";
        });
  }

  @Test
  @Order(5)
  void a_release_of_all_services() {
    part(
        "a release of all services",
        Set.of(),
        () -> {
          var begun = Instant.now();
          var pipeline =
              REAL.real().containsAll(PIPELINES)
                  ? gate().start("waits-on", WAIT.formatted(60))
                  : "";
          var before = node().containers();
          var restarts = restarts();
          parameters(node(), subnet(), true);
          // Not the command's end, which waits no longer than a command may: what has become of it.
          node().launch(root.resolve("sync.log"), "sync");
          await("all are replaced")
              .atMost(BOOT)
              .ignoreExceptions()
              .until(() ->
                  before.keySet().stream()
                          .filter(RealStandaloneE2E::isSpinnaker)
                          .noneMatch(c -> Objects.equals(before.get(c), node().containers().get(c)))
                      && node().isReady());
          assertThat(restarts()).as("a release is no failure").isEqualTo(restarts);
          if (!pipeline.isEmpty()) {
            awaitSucceeded(pipeline);
          }
          return "%d s%s"
              .formatted(
                  secondsSince(begun), pipeline.isEmpty() ? "" : ", a pipeline went on over it");
        });
  }

  private static boolean isSpinnaker(String container) {
    return !container.equals(node().container("redis"))
        && !container.equals(node().container("postgres"));
  }

  private static String subnet() {
    return node()
        .read("etc/armory-agent/env/default.env")
        .lines()
        .filter(l -> l.startsWith("STACK_SUBNET="))
        .map(l -> l.substring(l.indexOf('=') + 1))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitSucceeded(String execution) {
    await("the pipeline ends")
        .atMost(Duration.ofMinutes(15))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> !Set.of("RUNNING", "NOT_STARTED").contains(gate().status(execution)));
    assertThat(gate().status(execution)).isEqualTo("SUCCEEDED");
  }

  private static void awaitReady() {
    await("ready").atMost(BOOT).ignoreExceptions().until(node()::isReady);
  }

  /// Service → how often the agent has restarted it.
  private static Map<String, Integer> restarts() {
    var services = node().get("/health").json().path("services");
    return StreamSupport.stream(services.spliterator(), false)
        .collect(Collectors.toMap(s -> s.path("name").asText(), s -> s.path("restarts").asInt()));
  }

  private static String events() {
    return node().cli("events", "--since", "1h").out();
  }

  private static long secondsSince(Instant begun) {
    return Duration.between(begun, Instant.now()).toSeconds();
  }
}
