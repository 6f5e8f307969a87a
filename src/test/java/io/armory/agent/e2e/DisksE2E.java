package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Disks that are full, have no inode left or are read-only, at any instant of releases, repairs,
/// changes of a secret and starts of the agent. What runs goes on and is repaired, the health port
/// answers, and when there is room again all ends as the sources say, without anybody's help.
class DisksE2E {
  private static final String PART = "disks";
  private static final int ROUNDS = Sheet.size(PART, 2);

  /// Somebody waits for each answer, on a machine that does other work too.
  private static final Duration ANSWERED = Duration.ofSeconds(10);

  /// The unit's `RestartPreventExitStatus`: systemd would never start the agent again.
  private static final int NEVER_AGAIN = 78;

  @TempDir Path root;

  private enum Place {
    STATE("var/lib/armory-agent", "the state directory"),
    RENDERED("var/lib/armory-agent/rendered", "the rendered files' directory"),
    RUN("run/armory-agent", "/run");

    private final String path;
    private final String words;

    Place(String path, String words) {
      this.path = path;
      this.words = words;
    }
  }

  private enum Kind {
    FULL("is full"),
    NO_INODES("has no inode left"),
    READ_ONLY("is read-only");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private record Fault(Place place, Kind kind) {
    static List<Fault> all() {
      return Stream.of(Place.values())
          .flatMap(p -> Stream.of(Kind.values()).map(k -> new Fault(p, k)))
          .toList();
    }
  }

  private enum Change {
    RELEASE,
    SECRET,
    REPAIR,
    AGENT_KILLED
  }

  @Test
  void whatever_has_no_room_nothing_is_lost_and_all_ends_well() throws IOException {
    try (var node = SmallStack.node(root, "disks", SmallLife.SETTINGS)) {
      for (var place : Place.values()) {
        mount(place);
      }
      var life = new SmallLife(node, Sheet.seed(PART));
      life.begin();
      var faults = SmallLife.dealt(Fault.all(), life.random);
      var counts = new TreeMap<String, Integer>();
      life.live(
          ROUNDS,
          () -> {
            var fault = faults.get();
            var change = life.any(List.of(Change.values()));
            life.story = "%s is %s at %s".formatted(fault.place, fault.kind, change);
            round(life, fault.place, fault.kind, change);
            counts.merge(
                "times %s %s".formatted(fault.place.words, fault.kind.words), 1, Integer::sum);
          });
      counts.forEach((what, n) -> life.count(PART, what, n));
    } finally {
      // The deepest first.
      for (var place : List.of(Place.RENDERED, Place.RUN, Place.STATE)) {
        Shell.run(List.of("umount", "-l", root.resolve(place.path).toString()));
      }
    }
  }

  private void round(SmallLife life, Place place, Kind kind, Change change) {
    var node = life.node;
    var early = life.random.nextBoolean();
    try (var tape = EventTape.of(node.project)) {
      if (early) {
        begin(place, kind);
        change(life, change);
      } else {
        change(life, change);
        life.awaitMoment(tape, life::hasShape);
        begin(place, kind);
      }
      try {
        watch(life, tape);
        if (change == Change.REPAIR) {
          await("gate is repaired").atMost(Duration.ofMinutes(1)).until(() -> runs(node, "gate"));
        }
      } finally {
        end(place, kind);
      }
    }
    awaitUp(life);
    life.converged();
    life.check();
    if (life.random.nextInt(3) == 0) {
      restart(life);
    }
  }

  private static void change(SmallLife life, Change change) {
    switch (change) {
      case RELEASE -> life.release();
      case SECRET -> life.secret();
      case REPAIR -> Shell.must("docker", "kill", life.node.container("gate"));
      case AGENT_KILLED -> {
        life.node.killAgent();
        life.node.launchAgent();
      }
    }
  }

  /// What the agent kept is what it goes on from: nothing happens.
  private static void restart(SmallLife life) {
    var before = SmallStack.lives(life.node);
    life.node.killAgent();
    life.node.startAgent();
    life.converged();
    assertThat(SmallStack.lives(life.node)).isEqualTo(before);
  }

  private static boolean runs(Node node, String service) {
    return SmallStack.running(node).getOrDefault(service, 0) == 1;
  }

  /// The fault lasts for some seconds, or until the engine was busy for a while.
  private static void watch(SmallLife life, EventTape tape) {
    for (var i = life.random.nextInt(30); i >= 0; i--) {
      var node = life.node;
      await().atMost(Duration.ofMinutes(1)).until(() -> node.isAgentGone() || answers(node));
      tape.happened(1, Duration.ofMillis(200));
    }
  }

  private static boolean answers(Node node) {
    try {
      var began = System.nanoTime();
      assertThat(node.get("/health/ready").status()).isIn(200, 503);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(ANSWERED);
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /// As systemd does: an agent that could not go on without room is started again.
  private static void awaitUp(SmallLife life) {
    var node = life.node;
    await("the agent is up again, and at rest")
        .atMost(Duration.ofSeconds(150))
        .ignoreException(UncheckedIOException.class)
        .until(() -> {
          if (node.isAgentGone()) {
            assertThat(node.exitCode()).isNotEqualTo(NEVER_AGAIN);
            node.launchAgent();
          }
          return life.hasShape() && life.isSteady();
        });
  }

  private void mount(Place place) {
    var path = root.resolve(place.path);
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Shell.must("mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=600,mode=755", "none", "" + path);
  }

  private void begin(Place place, Kind kind) {
    var path = root.resolve(place.path);
    switch (kind) {
      case FULL -> Shell.run(List.of("dd", "if=/dev/zero", "of=" + path + "/filler", "bs=4k"));
      case NO_INODES ->
          Shell.run(
              List.of(
                  "sh",
                  "-c",
                  "mkdir -p \"$0/fillers\" && i=0; while : >\"$0/fillers/$i\"; do i=$((i + 1)); done",
                  path.toString()));
      case READ_ONLY -> {
        // Over the mount itself, which is never free: the agent has files open there.
        Shell.must("mount", "--rbind", path.toString(), path.toString());
        Shell.must("mount", "-o", "remount,bind,ro", path.toString());
      }
    }
  }

  private void end(Place place, Kind kind) {
    var path = root.resolve(place.path);
    if (kind == Kind.READ_ONLY) {
      Shell.must("umount", "-l", path.toString());
    } else {
      Shell.must("rm", "-rf", path + "/filler", path + "/fillers");
    }
  }
}
