package io.armory.agent.reconcile.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogCursorTest {
  private static final Instant NOON = Instant.parse("2026-08-01T12:00:00Z");

  /// A log whose lines have the instants of two streams, a little out of order and some of them the
  /// same, read by an engine that breaks off anywhere.
  @Test
  void however_often_a_reading_breaks_off_every_line_comes_once() {
    var random = new Random(1);
    var log = new ArrayList<LogLine>();
    for (var i = 0; i < 1000; i++) {
      log.add(new LogLine(NOON.plusNanos(10L * i + random.nextInt(30)), "line " + i));
    }
    for (var round = 0; round < 100; round++) {
      var place = new LogCursor();
      var told = new ArrayList<LogLine>();
      var written = 0;
      while (told.size() < log.size()) {
        written = Math.min(log.size(), written + 1 + random.nextInt(150));
        var asked = place.begin(new LogRange(LogRange.ALL, Instant.EPOCH));
        var read =
            log.subList(0, written).stream().filter(l -> !l.at().isBefore(asked.since())).toList();
        told.addAll(place.fresh(read.subList(0, random.nextInt(read.size() + 1))));
      }
      assertThat(told).containsExactlyElementsOf(log);
    }
  }

  @Test
  void before_a_line_was_told_the_first_question_is_asked_again() {
    var place = new LogCursor();
    var first = LogRange.last(5);
    assertThat(place.begin(first)).isEqualTo(first);
    assertThat(place.begin(first)).isEqualTo(first);

    place.fresh(List.of(new LogLine(NOON, "one")));

    assertThat(place.begin(first)).isEqualTo(LogRange.allSince(NOON));
  }
}
