package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Releases, kills, changes of scale and of definitions under requests, one after another: what the
/// agent takes of the node is after an hour of it what it was at its beginning.
class ChurnE2E {
  private static final String PART = "churn";
  private static final Duration LENGTH = Duration.ofSeconds(Sheet.size(PART, 6));

  /// Changes before it is measured first: by then the code is compiled, and the heap has found its
  /// size.
  private static final int WARM = Sheet.isProof(PART) ? 2 * Change.values().length : 1;

  /// The heap may be at another point of its way, which is 8 to 64 MiB.
  private static final long MORE_KIB = 16 << 10;

  private static final long MORE_DESCRIPTORS = 6;
  private static final long MORE_THREADS = 4;

  /// Revisions and generations of files are kept in numbers that do not grow.
  private static final long MORE_FILES = 24;

  private static final long STATE_KIB = 4 << 10;

  @TempDir Path root;

  private enum Change {
    RELEASE,
    KILLS,
    SCALE,
    DEFINITION
  }

  /// What the agent takes of the node.
  private record Taken(long rss, long descriptors, long threads, long files, long kib, long lines) {
    static Taken by(Node node) {
      var process = Path.of("/proc", Long.toString(node.pid()));
      var files = sizes(node.root.resolve("var")).values();
      return new Taken(
          field(process, "VmRSS:"),
          names(process.resolve("fd")),
          field(process, "Threads:"),
          files.size(),
          files.stream().mapToLong(s -> s).sum() >> 10,
          node.logText().lines().count());
    }

    private static long field(Path process, String name) {
      try (var lines = Files.lines(process.resolve("status"))) {
        var line = lines.filter(l -> l.startsWith(name)).findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static long names(Path directory) {
      try (var all = Files.list(directory)) {
        return all.count();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Map<Path, Long> sizes(Path directory) {
      try (var all = Files.walk(directory)) {
        return all.filter(Files::isRegularFile).collect(Collectors.toMap(f -> f, Taken::size));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static long size(Path file) {
      try {
        return Files.size(file);
      } catch (NoSuchFileException e) {
        return 0;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void assertNoMoreThan(Taken before) {
      assertThat(rss).as("KiB of memory").isLessThan(before.rss + MORE_KIB);
      assertThat(descriptors).as("descriptors").isLessThan(before.descriptors + MORE_DESCRIPTORS);
      assertThat(threads).as("threads").isLessThan(before.threads + MORE_THREADS);
      assertThat(files).as("files of the state").isLessThan(before.files + MORE_FILES);
      assertThat(kib).as("KiB of the state").isLessThan(STATE_KIB);
    }
  }

  @Test
  void an_hour_of_changes_takes_no_more_of_the_node() throws IOException {
    try (var node = SmallStack.node(root, "churn", SmallLife.SETTINGS)) {
      var life = new SmallLife(node, Sheet.seed(PART));
      life.begin();
      churn(life, WARM, Duration.ZERO);
      var begun = System.nanoTime();
      var before = Taken.by(node);

      var rounds = churn(life, 0, LENGTH);

      await("it settles")
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() -> Taken.by(node).assertNoMoreThan(before));
      record(life, before, Taken.by(node), rounds, System.nanoTime() - begun);
    }
  }

  private static void record(SmallLife life, Taken before, Taken after, int rounds, long nanos) {
    life.count(PART, "changes while the agent's own wear was watched", rounds);
    var lines = (after.lines - before.lines) * Duration.ofHours(1).toNanos() / nanos;
    Sheet.figure(PART, "memory, KiB", before.rss, after.rss);
    Sheet.figure(PART, "descriptors", before.descriptors, after.descriptors);
    Sheet.figure(PART, "threads", before.threads, after.threads);
    Sheet.figure(PART, "files of the state", before.files, after.files);
    Sheet.figure(PART, "size of the state, KiB", before.kib, after.kib);
    Sheet.figure(PART, "log lines an hour at this rate", 0, lines);
    System.out.printf("%d changes: %s, then %s%n", rounds, before, after);
  }

  /// At least so many changes, and at least for so long, while somebody asks ten times a second.
  private static int churn(SmallLife life, int least, Duration length) throws IOException {
    var until = System.nanoTime() + length.toNanos();
    var rounds = 0;
    var metrics = URI.create("http://127.0.0.1:" + life.node.port + "/metrics");
    try (var traffic = new Traffic(metrics)) {
      while (rounds < least || System.nanoTime() < until) {
        var change = Change.values()[rounds++ % Change.values().length];
        life.live(1, () -> one(life, change));
      }
      assertThat(traffic.failures(Instant.EPOCH)).isEmpty();
      assertThat(traffic.sent()).isPositive();
    }
    return rounds;
  }

  private static void one(SmallLife life, Change change) {
    life.story = change.toString();
    switch (change) {
      case RELEASE -> life.release();
      case KILLS -> life.kill();
      case SCALE -> life.scale();
      case DEFINITION -> life.define();
    }
    for (var command : List.of("status", "events", "config")) {
      assertThat(life.node.cli(command).exit()).as(command).isZero();
    }
    life.converged();
    life.check();
  }
}
