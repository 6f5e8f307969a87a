package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The engine's own disk is full or has no inode left, at any instant of releases and repairs: a
/// node with an engine of its own, whose data root is small.
@EnabledIfSystemProperty(
    named = "prove.disks",
    matches = "\\d+",
    disabledReason = "./dev prove disks")
class DataRootE2E {
  private static final String PART = "disks";

  /// Of the disks of this kind there are two, of the others nine.
  private static final int ROUNDS = Math.max(1, Sheet.size(PART, 9) * 2 / 9);

  private static final Duration ANSWERED = Duration.ofSeconds(2);

  private String release = "dev";
  private String story = "";

  private enum Kind {
    FULL("is full", "dd if=/dev/zero of=/var/lib/docker/filler bs=64k; sync"),
    NO_INODES(
        "has no inode left",
        "mkdir -p /var/lib/docker/fillers; i=0; while : >/var/lib/docker/fillers/$i; do i=$((i + 1)); done");

    private final String words;
    private final String begins;

    Kind(String words, String begins) {
      this.words = words;
      this.begins = begins;
    }
  }

  @Test
  void an_engine_without_room_loses_nothing_and_all_ends_well() throws IOException {
    var seed = Sheet.seed(PART);
    var random = new Random(seed);
    var kinds = SmallLife.dealt(List.of(Kind.values()), random);
    var counts = new TreeMap<String, Integer>();
    try (var own = EngineOwnNode.onSmallDisk()) {
      own.awaitReady();
      redis(own, "set marker kept");
      SmallLife.live(
          seed,
          ROUNDS,
          () -> story + own.node.journal("armory-agent"),
          () -> {
            var kind = kinds.get();
            round(own, random, kind);
            counts.merge("times the engine's data root " + kind.words, 1, Integer::sum);
          });
    }
    counts.forEach((what, n) -> Sheet.count(PART, what, n, seed));
  }

  private void round(EngineOwnNode own, Random random, Kind kind) {
    var released = random.nextBoolean();
    var early = random.nextBoolean();
    story =
        "%s, %s, %s\n".formatted(kind, released ? "release" : "kill", early ? "before" : "amid");
    if (early) {
      own.node.shell(kind.begins);
    }
    if (released) {
      release = release.equals("dev") ? "next" : "dev";
      own.release(release);
    } else {
      own.kill("gate");
    }
    watch(own, random.nextInt(10));
    if (!early) {
      own.node.shell(kind.begins);
    }
    watch(own, random.nextInt(20));
    own.node.mustShell("rm -rf /var/lib/docker/filler /var/lib/docker/fillers");
    await(story)
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .until(() -> isAsReleased(own) && own.health().path("phase").asText().equals("steady"));
    own.awaitReady();
    own.assertOneEach();
    assertThat(redis(own, "get marker")).isEqualTo("kept");
  }

  private boolean isAsReleased(EngineOwnNode own) {
    var gate = own.lives().get(EngineOwnNode.PROJECT + "-gate-1");
    return Objects.requireNonNullElse(gate, "").contains("gate:" + release + " ");
  }

  private static void watch(EngineOwnNode own, int times) {
    for (var i = 0; i <= times; i++) {
      assertThat(own.status("/health/ready")).as("within " + ANSWERED).isIn(200, 503);
    }
  }

  private static String redis(EngineOwnNode own, String command) {
    return own.node
        .mustShell("docker exec " + EngineOwnNode.PROJECT + "-redis-1 redis-cli " + command)
        .trimmed();
  }
}
