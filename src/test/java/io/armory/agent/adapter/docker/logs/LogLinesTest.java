package io.armory.agent.adapter.docker.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The engine's stream, byte by byte as Docker and Podman send it.
class LogLinesTest {
  private static final String STAMP = "2026-11-27T22:54:05.123456789Z ";
  private static final Instant AT = Instant.parse(STAMP.strip());
  private static final String LATER = "2026-11-27T23:54:05.000000001+01:00 ";

  private final ByteArrayOutputStream stream = new ByteArrayOutputStream();

  @Test
  void each_message_is_a_line_with_its_instant() throws IOException {
    frame(1, STAMP + "one\n");
    frame(2, LATER + "\n");
    frame(1, STAMP + "with a carriage return\r\n");

    assertThat(lines(false))
        .containsExactly(
            new LogLine(AT, "one"),
            new LogLine(Instant.parse("2026-11-27T22:54:05.000000001Z"), ""),
            new LogLine(AT, "with a carriage return"));
  }

  @Test
  void a_line_cut_into_messages_is_one_line_whoever_writes_between() throws IOException {
    frame(1, STAMP + "first, ");
    frame(2, STAMP + "an error\n");
    // Podman stamps each piece by itself.
    frame(1, LATER + "second\n");

    assertThat(texts(false)).containsExactly("an error", "first, second");
  }

  @Test
  void a_line_cut_into_messages_is_one_line_on_a_terminal_too() throws IOException {
    var piece = "x".repeat(16 * 1024);
    stream.write(utf8(STAMP + piece + STAMP + piece + STAMP + "end\r\n" + STAMP + "next\r\n"));

    assertThat(texts(true)).containsExactly(piece + piece + "end", "next");
  }

  @Test
  void a_character_may_be_cut_anywhere() throws IOException {
    var text = utf8("größer als 日本 🙂\n");
    for (var cut = 1; cut < text.length; cut++) {
      stream.reset();
      frame(1, concat(utf8(STAMP), ByteBuffer.wrap(text, 0, cut)));
      frame(1, concat(utf8(STAMP), ByteBuffer.wrap(text, cut, text.length - cut)));

      assertThat(texts(false)).as("cut at %d", cut).containsExactly("größer als 日本 🙂");
    }
  }

  @Test
  void of_an_endless_line_the_beginning_is_kept() throws IOException {
    for (var i = 0; i < 40; i++) {
      frame(1, STAMP + "日".repeat(5000));
    }
    frame(1, STAMP + "\n");
    frame(1, STAMP + "next\n");

    var texts = texts(false);

    assertThat(texts).hasSize(2).last().isEqualTo("next");
    assertThat(texts.getFirst()).matches("日+");
    assertThat(utf8(texts.getFirst()).length).isBetween(60_000, LogLines.LONGEST);
  }

  @Test
  void what_has_no_end_is_told_when_the_container_has_ended() throws IOException {
    frame(1, STAMP + "one\n");
    frame(2, STAMP + "last words");

    assertThat(texts(false)).containsExactly("one", "last words");
  }

  @Test
  void earlier_lines_are_left_out_however_inexact_the_engine_is() throws IOException {
    frame(1, "2026-11-27T22:54:05.123456788Z early\n");
    frame(1, STAMP + "just in time\n");

    assertThat(lines(false, AT)).containsExactly(new LogLine(AT, "just in time"));
  }

  @Test
  void a_line_without_an_instant_has_that_of_the_one_before() throws IOException {
    frame(1, STAMP + "one\n");
    frame(1, "Error grabbing logs: it is gone\n");

    assertThat(lines(false)).contains(new LogLine(AT, "Error grabbing logs: it is gone"));
  }

  private List<String> texts(boolean tty) throws IOException {
    return lines(tty).stream().map(LogLine::text).toList();
  }

  private List<LogLine> lines(boolean tty) throws IOException {
    return lines(tty, Instant.EPOCH);
  }

  private List<LogLine> lines(boolean tty, Instant since) throws IOException {
    var told = new ArrayList<LogLine>();
    var lines = new LogLines(LogRange.allSince(since), told::add);
    LogFrames.read(new ByteArrayInputStream(stream.toByteArray()), tty, lines);
    lines.end();
    return told;
  }

  private void frame(int channel, String text) throws IOException {
    frame(channel, utf8(text));
  }

  private void frame(int channel, byte[] payload) throws IOException {
    stream.write(ByteBuffer.allocate(8).put((byte) channel).putInt(4, payload.length).array());
    stream.write(payload);
  }

  private static byte[] concat(byte[] head, ByteBuffer rest) {
    var all = ByteBuffer.allocate(head.length + rest.remaining());
    return all.put(head).put(rest).array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
