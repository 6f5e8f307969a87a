package io.armory.agent.e2e;

import io.armory.agent.adapter.docker.FaultySocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// A clock of a node's own, which is set while the agent lives: `clock.c` shows it to the agent,
/// and the engine's socket tells all times as an engine with that clock would have written them
/// down. The machine's own clock stays as it is.
final class SetClock {
  private static final int MOST = 4000;
  private static final Pattern TIMES =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?)"
              + "|(?<=\"(?:time|timeNano|Created)\":)(\\d{10})(\\d{9}|)\\b");
  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");
  private static final Pattern SINCE = Pattern.compile("(?<=[?&](?:since|until)=)\\d{10}");

  private final Path file;
  private final Path library;
  private final MappedByteBuffer kept;
  private final List<Setting> settings = new ArrayList<>();

  /// @param from by the real clock
  /// @param ahead of it since
  private record Setting(Instant from, Duration ahead) {}

  SetClock(Path directory) {
    file = directory.resolve("clock");
    library = directory.resolve("clock.so");
    Shell.must(
        "gcc",
        "-std=gnu17",
        "-O2",
        "-Wall",
        "-shared",
        "-fPIC",
        "-o",
        "" + library,
        "src/test/rig/clock.c");
    try (var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      kept = channel.map(FileChannel.MapMode.READ_WRITE, 0, 8 + MOST * 16);
      kept.order(ByteOrder.nativeOrder());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What a program needs in its environment to live by this clock.
  Map<String, String> environment() {
    return Map.of("LD_PRELOAD", library.toString(), "CLOCK_SET", file.toString());
  }

  void tellBy(FaultySocket engine) {
    engine.translate(
        text -> TIMES.matcher(text).replaceAll(this::shown),
        text -> SINCE.matcher(text).replaceAll(m -> "" + real(Long.parseLong(m.group()))));
  }

  synchronized Duration ahead() {
    return settings.isEmpty() ? Duration.ZERO : settings.getLast().ahead();
  }

  /// From now on it is so far ahead of the machine's.
  synchronized void set(Duration ahead) {
    var now = Instant.now();
    kept.putLong(8 + 16 * settings.size(), nanos(now));
    kept.putLong(16 + 16 * settings.size(), ahead.toNanos());
    settings.add(new Setting(now, ahead));
    kept.putLong(0, settings.size());
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * 1_000_000_000L + at.getNano();
  }

  private String shown(MatchResult time) {
    if (time.group(1) != null) {
      var at = LocalDateTime.parse(time.group(1));
      return at.plus(ahead(at.toInstant(ZoneOffset.UTC))).format(TEXT)
          + time.group(1).substring(19);
    }
    var at =
        Instant.ofEpochSecond(Long.parseLong(time.group(2)), Long.parseLong("0" + time.group(3)));
    return at.plus(ahead(at)).getEpochSecond() + time.group(3);
  }

  /// How far it was ahead at a moment of the real clock.
  private synchronized Duration ahead(Instant at) {
    var ahead = Duration.ZERO;
    for (var setting : settings) {
      if (!setting.from().isAfter(at)) {
        ahead = setting.ahead();
      }
    }
    return ahead;
  }

  private long real(long shown) {
    return shown - ahead().toSeconds();
  }
}
