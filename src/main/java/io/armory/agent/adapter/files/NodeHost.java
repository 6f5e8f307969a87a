package io.armory.agent.adapter.files;

import io.armory.agent.domain.report.HealthReport.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/// Disk and memory of the node, read from the kernel.
///
/// @param state the agent's own directory
/// @param engine the engine's directory, [#USUAL] until it is known
/// @param warnPercent of a filesystem in use from which on it is warned of
public record NodeHost(Path state, Supplier<Path> engine, int warnPercent)
    implements Supplier<Host> {
  /// Where Docker keeps its data unless it is told otherwise.
  public static final Path USUAL = Path.of("/var/lib/docker");

  private static final int LOW_MEMORY_PERCENT = 5;
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final String KIB = " kB";

  @Override
  public Host get() {
    var warnings = new ArrayList<String>();
    var data = engine.get();
    var percent = used(data, warnings);
    var own = used(state, warnings);
    inodes(data, warnings);
    inodes(state, warnings);
    memory(warnings);
    return new Host(percent > 0 ? percent : own, List.copyOf(new LinkedHashSet<>(warnings)));
  }

  /// How full the engine's filesystem is, in percent; 0 when the kernel does not say.
  public double engineDisk() {
    return used(engine.get());
  }

  private void inodes(Path path, List<String> warnings) {
    var used = Inodes.used(nearest(path));
    if (used.isPresent() && used.getAsDouble() >= warnPercent) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "filesystem of %s has used %.1f %% of its inodes; remove small files, or docker image"
                  + " prune",
              path,
              used.getAsDouble()));
    }
  }

  private static void memory(List<String> warnings) {
    var memory = Memory.read();
    if (memory.all > 0
        && memory.available > 0
        && memory.available * 100 / memory.all < LOW_MEMORY_PERCENT) {
      warnings.add(
          "memory is short: %d of %d MiB are available"
              .formatted(memory.available / 1024 / 1024, memory.all / 1024 / 1024));
    }
  }

  /// When the kernel started; long ago where it does not say.
  public static Instant booted() {
    try {
      var uptime = Files.readString(Path.of("/proc/uptime")).split("[. ]", 2)[0];
      return Instant.now().minusSeconds(Long.parseLong(uptime));
    } catch (IOException | NumberFormatException e) {
      return Instant.EPOCH;
    }
  }

  /// As the kernel knows it.
  public static String name() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "node";
    }
  }

  /// The node's memory in bytes; 0 when the kernel does not say.
  public static long memoryBytes() {
    return Memory.read().all;
  }

  /// What can be taken without swapping, in bytes; 0 when the kernel does not say.
  public static long freeMemory() {
    return Memory.read().available;
  }

  /// In bytes; 0: the kernel does not say.
  private record Memory(long all, long available) {
    static Memory read() {
      long all = 0;
      long available = 0;
      try (var lines = Files.newBufferedReader(MEMINFO)) {
        // They are among the first few of half a hundred.
        for (var line = lines.readLine();
            line != null && (all == 0 || available == 0);
            line = lines.readLine()) {
          all = all > 0 ? all : bytes(line, "MemTotal:");
          available = available > 0 ? available : bytes(line, "MemAvailable:");
        }
      } catch (IOException | NumberFormatException e) {
        return new Memory(0, 0);
      }
      return new Memory(all, available);
    }

    private static long bytes(String line, String key) {
      return line.startsWith(key) && line.endsWith(KIB)
          ? 1024
              * Long.parseLong(line.substring(key.length(), line.length() - KIB.length()).strip())
          : 0;
    }
  }

  private double used(Path path, List<String> warnings) {
    var percent = used(path);
    if (percent > 0 && percent >= warnPercent) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "filesystem of %s is %.1f %% full; free space, or docker image prune",
              path,
              percent));
    }
    return percent;
  }

  /// The kernel is asked about the one filesystem: a `FileStore` would read the table of all
  /// mounts, which has a long line for each container.
  private static double used(Path path) {
    var directory = nearest(path).toFile();
    return percent(directory.getTotalSpace(), directory.getFreeSpace(), directory.getUsableSpace());
  }

  /// As df(1) counts: what is kept back for root is neither used nor available.
  static double percent(long total, long free, long available) {
    var used = total - free;
    return used <= 0 ? 0 : Math.round(1000.0 * used / (used + available)) / 10.0;
  }

  /// Of the nearest directory that is there.
  private static Path nearest(Path path) {
    var p = path.toAbsolutePath();
    while (p.getParent() != null && !Files.exists(p)) {
      p = p.getParent();
    }
    return p;
  }
}
