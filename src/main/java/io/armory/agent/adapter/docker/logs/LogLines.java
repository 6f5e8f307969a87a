package io.armory.agent.adapter.docker.logs;

import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lines out of the frames of a log that was asked for with timestamps. The engine cuts a line of
/// more than 16 KiB into messages and stamps each of them; standard output and error come in turns,
/// each with lines of its own.
final class LogLines implements LogFrames.Receiver {
  /// Of a longer line the rest is let go.
  static final int LONGEST = 64 * 1024;

  /// Before it nobody cuts a line.
  private static final int WHOLE = 8 * 1024;

  /// An instant in RFC 3339, with nanoseconds and an offset, and the blank after it.
  private static final int LONGEST_STAMP = 40;

  private final LogRange range;
  private final Consumer<LogLine> lines;
  private final Line output = new Line();
  private final Line error = new Line();
  private Instant last = Instant.EPOCH;

  /// @param range other lines are left out: not every engine is exact about it
  LogLines(LogRange range, Consumer<LogLine> lines) {
    this.range = range;
    this.lines = lines;
  }

  @Override
  public void write(int stream, boolean begins, byte[] bytes, int length) {
    var line = stream == 2 ? error : output;
    var from = begins && line.count > 0 ? afterStamp(bytes, length) : 0;
    for (int i = from; i < length; i++) {
      if (bytes[i] == '\n') {
        line.append(bytes, from, i);
        tell(line);
        from = i + 1;
      }
    }
    line.append(bytes, from, length);
  }

  /// What the container ended without a line's end.
  void end() {
    for (var line : new Line[] {output, error}) {
      if (line.count > 0) {
        tell(line);
      }
    }
  }

  private static int afterStamp(byte[] bytes, int length) {
    var head = new String(bytes, 0, Math.min(length, LONGEST_STAMP), StandardCharsets.ISO_8859_1);
    var blank = head.indexOf(' ');
    return blank > 0 && stamp(head.substring(0, blank)) != null ? blank + 1 : 0;
  }

  private void tell(Line line) {
    var text = line.take();
    var blank = text.indexOf(' ');
    var at = blank > 0 && blank < LONGEST_STAMP ? stamp(text.substring(0, blank)) : null;
    if (at == null) {
      at = last;
    } else {
      // With a terminal there are no frames that say where the next message begins.
      var stamp = text.substring(0, blank + 1);
      text = text.substring(blank + 1);
      text = text.length() > WHOLE ? text.replace(stamp, "") : text;
    }
    last = at;
    if (range.has(at)) {
      lines.accept(
          new LogLine(at, text.endsWith("\r") ? text.substring(0, text.length() - 1) : text));
    }
  }

  private static @Nullable Instant stamp(String text) {
    try {
      return Character.isDigit(text.charAt(0)) ? OffsetDateTime.parse(text).toInstant() : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  /// The bytes of a line that has not ended yet: a character may come in two pieces.
  private static final class Line {
    private static final int USUAL = 512;

    private byte[] bytes = new byte[USUAL];
    private int count;

    void append(byte[] from, int start, int end) {
      var more = Math.min(end - start, LONGEST - count);
      if (count + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.min(LONGEST, Math.max(count + more, 2 * bytes.length)));
      }
      System.arraycopy(from, start, bytes, count, more);
      count += more;
    }

    String take() {
      var text = new String(bytes, 0, count, StandardCharsets.UTF_8);
      if (count == LONGEST && text.endsWith("\uFFFD")) {
        // The cut went through a character.
        text = text.substring(0, text.length() - 1);
      }
      count = 0;
      bytes = bytes.length > WHOLE ? new byte[USUAL] : bytes;
      return text;
    }
  }
}
