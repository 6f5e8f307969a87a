package io.armory.agent.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/// The sheet of proofs, `docs/reliability.md`: a test says what it did and how often, once all of
/// it held. `./dev prove` gives the folder and the sizes; without it nothing is written.
public final class Sheet {
  private Sheet() {}

  /// How much of something a test does.
  ///
  /// @param usual in an ordinary run; `-Dprove.PART=N` says another
  public static int size(String part, int usual) {
    return Integer.getInteger("prove." + part, usual);
  }

  /// Whether a part is proven at length, on a machine that does nothing else.
  public static boolean isProof(String part) {
    return System.getProperties().stringPropertyNames().stream()
        .anyMatch(n -> n.startsWith("prove." + part));
  }

  /// Where chance begins: `-Darmory.seed=N` lives a run again. An ordinary run is the same each
  /// time, so that what it finds is found again; a proof is another each time.
  public static long seed(String part) {
    return Long.getLong("armory.seed", isProof(part) ? System.nanoTime() : 1);
  }

  /// @param what was done so often, in words that follow a number
  /// @param seed of the run
  public static void count(String part, String what, long times, long seed) {
    write(part, "\"what\":\"%s\",\"count\":%d,\"seed\":%d".formatted(what, times, seed));
  }

  /// @param what was waited for, and by whom
  public static void times(String part, String what, List<Duration> times) {
    var all = times.stream().map(t -> "" + t.toMillis()).collect(Collectors.joining(","));
    write(part, "\"what\":\"%s\",\"ms\":[%s]".formatted(what, all));
  }

  /// @param what was measured at the beginning and at the end
  public static void figure(String part, String what, long begin, long end) {
    write(part, "\"what\":\"%s\",\"begin\":%d,\"end\":%d".formatted(what, begin, end));
  }

  private static void write(String part, String rest) {
    var folder = System.getProperty("armory.sheet", "");
    if (folder.isEmpty()) {
      return;
    }
    var when = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    var line = "{\"part\":\"%s\",\"when\":\"%s\",%s}%n".formatted(part, when, rest);
    try {
      var file = Files.createDirectories(Path.of(folder)).resolve(part + ".jsonl");
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
