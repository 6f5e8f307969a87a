package io.armory.agent.adapter.docker.logs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// What a container wrote, out of the engine's stream: with a terminal the bytes themselves,
/// without one in frames of an 8-byte header (stream, three zeros, big-endian length) and as many
/// bytes.
public final class LogFrames {
  private static final int HEADER = 8;
  private static final int BUFFER = 8192;

  private LogFrames() {}

  public interface Receiver {
    /// @param stream 1 standard output, 2 standard error, 0 a terminal
    /// @param begins whether these bytes are the first of a frame
    void write(int stream, boolean begins, byte[] bytes, int length) throws IOException;

    /// All that was read has been written; the next read may wait.
    default void pause() throws IOException {}
  }

  public static void read(InputStream stream, boolean tty, Receiver to) throws IOException {
    var buffer = new byte[BUFFER];
    if (tty) {
      for (var n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
        to.write(0, false, buffer, n);
        to.pause();
      }
    } else {
      for (var h = stream.readNBytes(HEADER); h.length == HEADER; h = stream.readNBytes(HEADER)) {
        copy(stream, h, buffer, to);
        to.pause();
      }
    }
  }

  /// @param limit the most bytes kept; the earliest are let go
  public static String read(InputStream stream, boolean tty, int limit) throws IOException {
    var kept = new Tail(limit);
    read(stream, tty, kept);
    return kept.text();
  }

  private static void copy(InputStream from, byte[] header, byte[] buffer, Receiver to)
      throws IOException {
    long length = length(header);
    long left = length;
    int read = 1;
    while (left > 0 && read > 0) {
      read = from.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
      to.write(header[0], left == length, buffer, read);
      left -= read;
    }
  }

  private static long length(byte[] header) {
    return ((header[4] & 0xffL) << 24)
        | ((header[5] & 0xffL) << 16)
        | ((header[6] & 0xffL) << 8)
        | (header[7] & 0xffL);
  }

  /// The last bytes written to it: never more than twice the limit in memory.
  private static final class Tail implements Receiver {
    private final int limit;
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Tail(int limit) {
      this.limit = limit;
    }

    @Override
    public void write(int stream, boolean begins, byte[] from, int length) {
      bytes.write(from, 0, length);
      if (bytes.size() > 2 * limit) {
        var last = last();
        bytes = new ByteArrayOutputStream();
        bytes.writeBytes(last);
      }
    }

    private byte[] last() {
      var all = bytes.toByteArray();
      int from = Math.max(0, all.length - limit);
      return java.util.Arrays.copyOfRange(all, from, all.length);
    }

    String text() {
      return new String(last(), StandardCharsets.UTF_8);
    }
  }
}
