package io.armory.agent.adapter.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// How many of a filesystem's inodes are in use. Java cannot say; `stat` of coreutils can. What it
/// said is good for three minutes: the node is looked at every few seconds, and a process is dear.
final class Inodes {
  private static final Duration GOOD_FOR = Duration.ofMinutes(3);
  private static final Map<Path, Known> KNOWN = new ConcurrentHashMap<>();

  private Inodes() {}

  /// @param at on the clock of `System.nanoTime`
  private record Known(OptionalDouble percent, long at) {
    boolean isGood() {
      return System.nanoTime() - at < GOOD_FOR.toNanos();
    }
  }

  /// @return percent in use; empty: not known, or the filesystem has no fixed number of them
  static OptionalDouble used(Path path) {
    var known = KNOWN.get(path);
    if (known == null || !known.isGood()) {
      var percent = ask(path).map(Inodes::percent).orElse(OptionalDouble.empty());
      known = new Known(percent, System.nanoTime());
      KNOWN.put(path, known);
    }
    return known.percent();
  }

  /// A filesystem that does not answer holds nobody up: its process is ended.
  private static Optional<String> ask(Path path) {
    try {
      var process =
          new ProcessBuilder("stat", "-f", "-c", "%c %d", path.toString())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return process.exitValue() == 0 ? Optional.of(text.strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /// @param counts all and free ones
  static OptionalDouble percent(String counts) {
    if (!counts.matches("\\d+ \\d+")) {
      return OptionalDouble.empty();
    }
    var all = Long.parseLong(counts.substring(0, counts.indexOf(' ')));
    var free = Long.parseLong(counts.substring(counts.indexOf(' ') + 1));
    return all == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.round(1000.0 * (all - free) / all) / 10.0);
  }
}
