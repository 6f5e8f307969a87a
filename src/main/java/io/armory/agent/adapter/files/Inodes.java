package io.armory.agent.adapter.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/// How many of a filesystem's inodes are in use. Java cannot say; `stat` of coreutils can.
final class Inodes {
  private Inodes() {}

  /// @return percent in use; empty: not known, or the filesystem has no fixed number of them
  static OptionalDouble used(Path path) {
    return ask(path).map(Inodes::percent).orElse(OptionalDouble.empty());
  }

  private static Optional<String> ask(Path path) {
    try {
      var process =
          new ProcessBuilder("stat", "-f", "-c", "%c %d", path.toString())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return process.waitFor(2, TimeUnit.SECONDS) && process.exitValue() == 0
          ? Optional.of(text.strip())
          : Optional.empty();
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
