package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Counts the pollers of all nodes, some twenty times a second: their processes, as this machine's
/// kernel has them, so that nothing of the agent's stands between.
final class PollerCount implements AutoCloseable {
  private static final long PAUSE_NANOS = 40_000_000;
  private static final List<String> PROGRAMS = List.of("/opt/igor/bin/igor", "/opt/echo/bin/echo");

  /// A process becomes another program at its start. Asking all of a machine's all the time costs a
  /// quarter of a processor: an older one, but what starts a container, is asked in every 25th
  /// sample, once a second.
  private static final long YOUNG_NANOS = Duration.ofSeconds(10).toNanos();

  private static final int WHOLE = 25;

  private final Map<String, String> nodes = Collections.synchronizedMap(new HashMap<>());
  private final List<String> twos = Collections.synchronizedList(new ArrayList<>());
  private final Thread thread;
  private volatile boolean over;
  private final AtomicLong samples = new AtomicLong();
  private volatile Map<String, List<String>> last = Map.of();

  private Map<Path, Known> known = Map.of();

  private record Poller(String program, String node, Path process) {}

  /// @param since when it was first seen, on the clock of `System.nanoTime`
  private record Known(long since, String program) {
    boolean isSettled(long now) {
      return !PROGRAMS.contains(program)
          && !program.endsWith("runc")
          && !program.endsWith("init")
          && now - since > YOUNG_NANOS;
    }
  }

  PollerCount() {
    thread = Thread.ofPlatform().name("poller-count").daemon().start(this::run);
  }

  void follow(HaNode node) {
    nodes.put(node.id(), node.name());
  }

  private void run() {
    while (!over) {
      var seen = sample();
      nodesOf(seen)
          .forEach((program, where) -> {
            if (where.size() > 1) {
              checkTwo(program, seen);
            }
          });
      last = nodesOf(seen);
      samples.incrementAndGet();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /// The processes are seen one after the other, and on a busy machine a handover may take place
  /// meanwhile: two run at once only if all are still there when the last one has been seen.
  private void checkTwo(String program, List<Poller> seen) {
    var still =
        seen.stream()
            .filter(p -> p.program().equals(program))
            .filter(p -> programOf(p.process()).equals(program))
            .map(Poller::node)
            .toList();
    if (still.size() > 1) {
      twos.add(program + " on " + still);
    }
  }

  /// Program → the node of each of its processes.
  private static Map<String, List<String>> nodesOf(List<Poller> seen) {
    var all = new HashMap<String, List<String>>();
    seen.forEach(p -> all.computeIfAbsent(p.program(), x -> new ArrayList<>()).add(p.node()));
    return all;
  }

  private List<Poller> sample() {
    var all = new ArrayList<Poller>();
    var now = System.nanoTime();
    var whole = samples.get() % WHOLE == 0;
    var next = new HashMap<Path, Known>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (var process : processes) {
        var before = known.getOrDefault(process, new Known(now, ""));
        if (before.isSettled(now) && !whole) {
          next.put(process, before);
          continue;
        }
        var program = programOf(process);
        next.put(process, new Known(before.since(), program));
        if (PROGRAMS.contains(program)) {
          nodeOf(process).ifPresent(n -> all.add(new Poller(program, n, process)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    known = next;
    return all;
  }

  private static String programOf(Path process) {
    return read(process.resolve("cmdline")).split("\0", -1)[0];
  }

  private Optional<String> nodeOf(Path process) {
    var group = read(process.resolve("cgroup"));
    synchronized (nodes) {
      return nodes.entrySet().stream()
          .filter(n -> group.contains(n.getKey()))
          .map(Map.Entry::getValue)
          .findFirst();
    }
  }

  /// Empty for a process that has ended meanwhile.
  private static String read(Path file) {
    try {
      return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      return "";
    }
  }

  /// The one node where both pollers run; empty: none, or not both.
  Optional<String> poller() {
    var now = last;
    var where = new TreeSet<String>();
    now.values().forEach(where::addAll);
    return now.size() == PROGRAMS.size() && where.size() == 1
        ? Optional.of(where.first())
        : Optional.empty();
  }

  List<String> twos() {
    return List.copyOf(twos);
  }

  void assertNeverTwo() {
    assertThat(samples.get()).isGreaterThan(50);
    assertThat(twos).as("samples with two pollers, of %d", samples.get()).isEmpty();
  }

  @Override
  public void close() {
    over = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
