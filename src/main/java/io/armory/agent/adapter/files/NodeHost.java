package io.armory.agent.adapter.files;

import io.armory.agent.domain.HealthReport.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private void inodes(Path path, List<String> warnings) {
    var used = Inodes.used(nearest(path));
    if (used.isPresent() && used.getAsDouble() >= warnPercent) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "filesystem of %s has used %.1f %% of its inodes; remove small files, or docker image prune",
              path,
              used.getAsDouble()));
    }
  }

  private static void memory(List<String> warnings) {
    var all = meminfo("MemTotal:");
    var available = meminfo("MemAvailable:");
    if (all > 0 && available > 0 && available * 100 / all < LOW_MEMORY_PERCENT) {
      warnings.add(
          "memory is short: %d of %d MiB are available"
              .formatted(available / 1024 / 1024, all / 1024 / 1024));
    }
  }

  /// The node's memory in bytes; 0 when the kernel does not say.
  public static long memoryBytes() {
    return meminfo("MemTotal:");
  }

  private static long meminfo(String key) {
    try {
      try (var lines = Files.newBufferedReader(MEMINFO)) {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith(key) && line.endsWith(KIB)) {
            var value = line.substring(key.length(), line.length() - KIB.length());
            return Long.parseLong(value.strip()) * 1024;
          }
        }
      }
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
    return 0;
  }

  /// The kernel is asked about the one filesystem: a `FileStore` would read the table of all
  /// mounts, which has a long line for each container.
  private double used(Path path, List<String> warnings) {
    var directory = nearest(path).toFile();
    var total = directory.getTotalSpace();
    if (total <= 0) {
      return 0;
    }
    var percent = Math.round(1000.0 * (total - directory.getUsableSpace()) / total) / 10.0;
    if (percent >= warnPercent) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "filesystem of %s is %.1f %% full; free space, or docker image prune",
              path,
              percent));
    }
    return percent;
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
