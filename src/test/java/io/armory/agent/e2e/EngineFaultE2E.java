package io.armory.agent.e2e;

import static io.armory.agent.e2e.SmallStack.lives;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.docker.FaultySocket;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// An engine that hangs or is gone, as the whole daemon lives through it. The faults are on the way
/// to the real engine, which other tests use meanwhile.
class EngineFaultE2E {
  /// Work goes on within this time of the engine's return. Measured by the engine's own clock, as
  /// the test may learn of it late.
  private static final Duration RESUMED = Duration.ofSeconds(5);

  @TempDir static Path root;
  private static @Nullable Node started;
  private static @Nullable FaultySocket between;

  @BeforeAll
  static void up() {
    between = FaultySocket.before(EngineSocket.PATH, root.resolve("engine.sock"));
    var node =
        SmallStack.node(root, "fault", "docker: {socket: " + root.resolve("engine.sock") + "}");
    started = node;
    SmallStack.parameters(node, SmallStack.subnet(), "dev");
    node.startAgent();
    node.awaitReady();
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
    if (between != null) {
      between.close();
    }
  }

  @BeforeEach
  void ready() {
    node().awaitReady();
  }

  @Test
  void while_the_engine_hangs_the_node_answers_decides_nothing_and_goes_on_soon_after() {
    Shell.must("docker", "kill", node().container("gate"));
    engine().hold();
    blindThen(() -> engine().pass());
  }

  @Test
  void while_the_engine_is_gone_likewise() {
    engine().vanish();
    Shell.must("docker", "kill", node().container("gate"));
    blindThen(() -> engine().appear());
  }

  @Test
  void events_that_are_lost_with_their_stream_hide_nothing() {
    var before = lives(node());
    engine().cut();
    Shell.must("docker", "kill", node().container("gate"));
    var killed = Instant.now();
    await().until(() -> isUpAgain("gate", before));
    assertThat(started("gate")).isBefore(killed.plus(RESUMED));
    assertThat(node().get("/health/live").status()).isEqualTo(200);
  }

  @Test
  void a_slow_engine_slows_no_answer_and_stops_no_repair() {
    var before = lives(node());
    engine().slow(Duration.ofMillis(300));
    try {
      Shell.must("docker", "kill", node().container("gate"));
      assertAnswersAtOnce();
      await().until(() -> isUpAgain("gate", before));
      assertThat(node().get("/health").json().path("engine").path("reachable").asBoolean())
          .isTrue();
    } finally {
      engine().slow(Duration.ZERO);
    }
  }

  /// The calls about one container hang: it is left alone, and everything else is cared for.
  @Test
  void a_container_that_cannot_be_read_is_unknown_by_itself() {
    var before = lives(node());
    var orca = node().container("orca");
    var held = "/containers/" + node().containerId("orca") + "/";
    engine().fault(held, "");
    SmallStack.overlay(node(), "services: {orca: {environment: {ANOTHER: yes}}}\n");
    try {
      Shell.must("docker", "kill", node().container("gate"));
      var killed = Instant.now();
      await().until(() -> isUpAgain("gate", before));
      assertThat(started("gate")).isBefore(killed.plus(RESUMED.multipliedBy(2)));
      await()
          .until(
              () -> node().get("/health").body().contains("container " + orca + " cannot be read"));
      node().awaitReady();
      var health = node().get("/health").json();
      assertThat(health.path("engine").path("reachable").asBoolean()).isTrue();
      assertThat(health.path("replace").path("holds").asBoolean()).isFalse();
      assertThat(node().service("orca").path("state").asText()).isEqualTo("up");
      assertThat(node().cli("status").out()).contains(orca, "cannot be read since");
      assertThat(lives(node()).get(orca)).as("left alone").isEqualTo(before.get(orca));
    } finally {
      SmallStack.noOverlay(node());
      engine().mend();
    }
    await().until(() -> !node().get("/health").body().contains("cannot be read"));
    node().awaitReady();
    assertThat(lives(node()).get(orca)).isEqualTo(before.get(orca));
  }

  private enum Fault {
    HANGS(e -> e.hold()),
    IS_GONE(e -> e.vanish()),
    BREAKS_OFF(e -> e.cut()),
    IS_SLOW(e -> e.slow(Duration.ofMillis(500))),
    ANSWERS_HALF(
        e -> e.fault("/containers/json", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[{\"Id\"")),
    ENDS_EACH_ANSWER(e -> e.fault("/containers/", FaultySocket.BREAK)),
    ANSWERS_A_PAGE(e -> e.fault("/containers/json", FaultySocket.answer(200, "<html></html>"))),
    ANSWERS_WITH_ERRORS(e -> e.fault("/", FaultySocket.answer(500, "{\"message\":\"no\"}")));

    private final Consumer<FaultySocket> begins;

    Fault(Consumer<FaultySocket> begins) {
      this.begins = begins;
    }

    boolean blinds() {
      return this != BREAKS_OFF && this != IS_SLOW;
    }
  }

  @Test
  @EnabledIfSystemProperty(
      named = "prove.engine",
      matches = "\\d+",
      disabledReason = "./dev prove engine")
  void faults_at_random_change_nothing_and_hide_nothing() throws IOException {
    var seed = Sheet.seed("engine");
    var random = new Random(seed);
    var rounds = Sheet.size("engine", 4);
    var story = new StringBuilder();
    SmallLife.live(
        seed,
        rounds,
        story::toString,
        () -> {
          var fault = Fault.values()[random.nextInt(Fault.values().length)];
          var killed = random.nextBoolean();
          story.replace(0, story.length(), "the engine " + fault + ", gate killed: " + killed);
          live(fault, killed);
        });
    Sheet.count("engine", "faults on the way to the engine", rounds, seed);
  }

  private static void live(Fault fault, boolean killed) {
    node().awaitReady();
    var before = lives(node());
    fault.begins.accept(engine());
    if (killed) {
      Shell.must("docker", "kill", node().container("gate"));
    }
    if (fault.blinds()) {
      awaitBlind();
    }
    assertThat(node().get("/health/live").status()).isEqualTo(200);
    switch (fault) {
      case IS_GONE -> engine().appear();
      case IS_SLOW -> engine().slow(Duration.ZERO);
      default -> pass(engine());
    }
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() ->
            node().isReady()
                && node().get("/health").json().path("phase").asText().equals("steady")
                && (!killed || isUpAgain("gate", before)));
    var after = lives(node());
    assertThat(after.keySet()).isEqualTo(before.keySet());
    if (killed) {
      after.put(
          node().container("gate"), Objects.requireNonNull(before.get(node().container("gate"))));
    }
    assertThat(after).isEqualTo(before);
  }

  private static void pass(FaultySocket engine) {
    engine.pass();
    engine.mend();
  }

  /// A test that failed leaves no fault to the next.
  @AfterEach
  void pass() {
    pass(engine());
  }

  private static Instant started(String service) {
    var state = EngineSocket.container(node().container(service)).path("State");
    return Instant.parse(state.path("StartedAt").asText());
  }

  private static boolean isUpAgain(String service, Map<String, String> before) {
    var name = node().container(service);
    return SmallStack.running(node()).getOrDefault(service, 0) == 1
        && !Objects.equals(lives(node()).get(name), before.get(name));
  }

  /// An action that was under way when the engine stopped answering is neither lost nor doubled.
  @Test
  void an_engine_that_hangs_in_the_middle_of_a_rollout_is_waited_for() {
    var names = lives(node()).keySet();
    var restarted = node().cli("restart", "orca");
    assertThat(restarted.exit()).as(restarted.err()).isZero();
    SmallStack.overlay(node(), "services: {orca: {environment: {CHANGED: yes}}}\n");
    var sync = Thread.ofPlatform().start(() -> node().cli("sync"));
    try (var tape = EventTape.of(node().project)) {
      await().until(() -> tape.count("create") > 0);
      engine().hold();
      awaitBlind();
      engine().pass();
      await()
          .atMost(Duration.ofSeconds(90))
          .until(() ->
              node().get("/health").json().path("phase").asText().equals("steady")
                  && !sync.isAlive());
      assertThat(tape.count("create")).as(tape.toString()).isEqualTo(1);
    }
    assertThat(lives(node()).keySet()).isEqualTo(names);
  }

  private static void blindThen(Runnable mend) {
    awaitBlind();
    var before = lives(node());
    var plain = node().get("/health").json();
    assertThat(plain.path("phase").asText()).isEqualTo("blind");
    assertThat(plain.path("engine").path("problem").asText()).isNotBlank();
    assertThat(node().get("/health/live").status()).isEqualTo(200);

    assertAnswersAtOnce();
    assertThat(lives(node())).as("nothing was decided").isEqualTo(before);

    var mended = Instant.now();
    mend.run();
    await().until(() -> SmallStack.running(node()).getOrDefault("gate", 0) == 1);
    assertThat(started("gate")).isBefore(mended.plus(RESUMED));
    node().awaitReady();
  }

  /// The fault goes on meanwhile: whoever waits for the engine is late in every hundred. What a
  /// busy machine adds is seen by a server of the test's own, which does nothing.
  private static void assertAnswersAtOnce() {
    try (var idle = new IdleServer()) {
      await()
          .untilAsserted(() -> {
            var own = times(idle::ask);
            var times = times(() -> node().get("/health").status());
            assertThat(times.get(94))
                .as("95 of 100 answers: %s, and of an idle server: %s", times, own)
                .isLessThan(Duration.ofMillis(100).plus(own.get(94).multipliedBy(3)));
          });
    }
  }

  private static List<Duration> times(IntSupplier status) {
    var times = new ArrayList<Duration>();
    for (int i = 0; i < 100; i++) {
      var began = System.nanoTime();
      assertThat(status.getAsInt()).isPositive();
      times.add(Duration.ofNanos(System.nanoTime() - began));
    }
    Collections.sort(times);
    return times;
  }

  private static void awaitBlind() {
    await().until(() -> !node().get("/health").json().path("engine").path("reachable").asBoolean());
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  private static FaultySocket engine() {
    var engine = between;
    if (engine == null) {
      throw new AssertionError("the socket was not opened");
    }
    return engine;
  }
}
