package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Whole nodes with engines of their own, other than this machine's: what may be done to an engine
/// is done to them. By default the contract is run on each of these engines, and the faults are on
/// the way to this machine's ([EngineFaultE2E]).
@EnabledIfSystemProperty(
    named = "armory.long",
    matches = "true",
    disabledReason = "./dev test --long")
class OtherEnginesE2E {
  /// From the engine's return to what the agent does then, on the node's own clock: asking takes
  /// its time on a busy machine.
  private static final Duration RESUMED = Duration.ofSeconds(5);

  /// After so long the first repair is immediate again.
  private static final Duration WELL = Duration.ofSeconds(11);

  @Test
  void docker_26_is_worked_with_restarted_and_halted() {
    var peer =
        Optional.ofNullable(System.getenv("COMPOSE_PEER"))
            .map(Path::of)
            .orElse(Path.of(".dev/peer"))
            .toAbsolutePath();
    try (var own = EngineOwnNode.docker("trixie", peer)) {
      lifeOfAStack(own);
      composeChangesNothing(own);
      restartTakesAllDownAndAllComesBack(own);
      liveRestoreTouchesNothing(own);
      haltedEngineIsWaitedFor(own);
    }
  }

  @Test
  void podman_5_is_worked_with() {
    try (var own = EngineOwnNode.podman("trixie")) {
      lifeOfAStack(own);
      var before = own.lives();
      try (var _ = new Liveness(own)) {
        own.node.must("systemctl", "restart", "podman.socket", "podman.service");
        own.awaitReady();
      }
      assertThat(own.lives()).as("Podman's containers outlive its service").isEqualTo(before);
    }
  }

  /// Up, mended, rolled out.
  private static void lifeOfAStack(EngineOwnNode own) {
    own.awaitReady();
    own.assertOneEach();
    var first = own.lives();

    own.kill("gate");
    await().atMost(Duration.ofSeconds(20)).until(() -> !own.lives().equals(first));
    own.awaitReady();
    own.assertOneEach();

    own.release("next");
    var sync = own.agent("sync");
    assertThat(sync.exit()).as(sync.text() + own.node.journal("armory-agent")).isZero();
    own.awaitReady();
    own.assertOneEach();
    assertThat(own.lives().values()).filteredOn(l -> l.contains(":next ")).hasSize(3);
    assertThat(own.lives().get(EngineOwnNode.PROJECT + "-redis-1"))
        .isEqualTo(first.get(EngineOwnNode.PROJECT + "-redis-1"));
  }

  private static void composeChangesNothing(EngineOwnNode own) {
    var before = own.lives();
    own.node.mustShell(
        "/opt/peer/cli-plugins/docker-compose -f /srv/armory/var/lib/armory-agent/rendered/docker-compose.yml"
            + " up -d --no-build");
    assertThat(own.lives()).isEqualTo(before);
  }

  private static void restartTakesAllDownAndAllComesBack(EngineOwnNode own) {
    try (var _ = new Liveness(own)) {
      own.node.mustShell("systemctl stop docker.socket docker");
      await().atMost(Duration.ofSeconds(20)).until(() -> !own.seesEngine());
      own.node.mustShell("systemctl start docker");
      var back = Instant.now();
      await().until(own::seesEngine);
      assertResumed(own, "the agent saw the engine", own.engineSince(), back);
      own.awaitReady();
    }
    own.assertOneEach();
  }

  private static void liveRestoreTouchesNothing(EngineOwnNode own) {
    own.node.mustShell(
        "sed -i 's/{/{\"live-restore\": true, /' /etc/docker/daemon.json && systemctl reload docker");
    var before = own.lives();
    try (var _ = new Liveness(own)) {
      own.node.mustShell("systemctl restart docker");
      own.awaitReady();
    }
    assertThat(own.lives()).as(own.node.journal("armory-agent")).isEqualTo(before);
  }

  private static void haltedEngineIsWaitedFor(EngineOwnNode own) {
    awaitNoBackoff(own, "gate");
    var before = own.lives();
    var gate = EngineOwnNode.PROJECT + "-gate-1";
    var process = own.node.must("docker", "inspect", "-f", "{{.State.Pid}}", gate).trimmed();
    try (var _ = new Liveness(own)) {
      own.node.mustShell("kill -STOP $(pidof dockerd) && kill -KILL " + process);
      await().atMost(Duration.ofSeconds(30)).until(() -> !own.seesEngine());
      own.node.mustShell("kill -CONT $(pidof dockerd)");
      var back = Instant.now();
      await()
          .until(() -> {
            var now = own.lives();
            return now.keySet().equals(before.keySet())
                && !now.getOrDefault(gate, "").equals(before.get(gate));
          });
      assertResumed(own, "gate was started", own.startedAt(gate), back);
      own.awaitReady();
    }
    assertThat(own.lives())
        .as("the others were left alone")
        .allSatisfy((name, life) -> {
          if (!name.equals(gate)) {
            assertThat(life).isEqualTo(before.get(name));
          }
        });
  }

  /// What was started a moment ago, for the engine's last restart, and dies is in a crash loop, and
  /// waits; what has been well for a while is started at once.
  private static void awaitNoBackoff(EngineOwnNode own, String service) {
    await(service + " has been well for a while")
        .atMost(Duration.ofMinutes(1))
        .until(() -> {
          var health = own.health();
          for (var s : health.path("services")) {
            if (s.path("name").asText().equals(service)) {
              var since = Instant.parse(s.path("since").asText());
              return s.path("state").asText().equals("up")
                  && since.plus(WELL).isBefore(Instant.parse(health.path("at").asText()));
            }
          }
          return false;
        });
  }

  private static void assertResumed(EngineOwnNode own, String what, Instant at, Instant back) {
    assertThat(at)
        .as(() ->
            "%s %d ms after the engine's return%n%s"
                .formatted(
                    what, Duration.between(back, at).toMillis(), own.node.journal("armory-agent")))
        .isBefore(back.plus(RESUMED));
  }

  /// Asks all the time whether the agent lives; it always must.
  private static final class Liveness implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger silences = new AtomicInteger();
    private final Thread asking;

    Liveness(EngineOwnNode own) {
      asking =
          Thread.ofVirtual()
              .start(() -> {
                while (!over.get()) {
                  (own.status("/health/live") == 200 ? answers : silences).incrementAndGet();
                }
              });
    }

    @Override
    public void close() {
      over.set(true);
      try {
        asking.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      assertThat(answers.get()).isGreaterThan(3);
      assertThat(silences.get()).as("times the agent's health was not answered").isZero();
    }
  }
}
