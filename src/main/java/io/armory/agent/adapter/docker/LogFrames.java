package io.armory.agent.adapter.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// What a container wrote, out of the engine's stream: with a terminal the bytes themselves,
/// without one in frames of an 8-byte header (stream, three zeros, big-endian length) and as many
/// bytes.
final class LogFrames {
  private static final int HEADER = 8;

  private LogFrames() {}

  /// @param limit the most bytes kept; the earliest are let go
  static String read(InputStream stream, boolean tty, int limit) throws IOException {
    var kept = new Tail(limit);
    if (tty) {
      stream.transferTo(kept);
    } else {
      var header = stream.readNBytes(HEADER);
      while (header.length == HEADER) {
        copy(stream, length(header), kept);
        header = stream.readNBytes(HEADER);
      }
    }
    return kept.text();
  }

  private static long length(byte[] header) {
    return ((header[4] & 0xffL) << 24)
        | ((header[5] & 0xffL) << 16)
        | ((header[6] & 0xffL) << 8)
        | (header[7] & 0xffL);
  }

  private static void copy(InputStream from, long length, Tail to) throws IOException {
    var buffer = new byte[8192];
    long left = length;
    int read;
    while (left > 0 && (read = from.read(buffer, 0, (int) Math.min(buffer.length, left))) > 0) {
      to.write(buffer, 0, read);
      left -= read;
    }
  }

  /// The last bytes written to it: never more than twice the limit in memory.
  private static final class Tail extends java.io.OutputStream {
    private final int limit;
    private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Tail(int limit) {
      this.limit = limit;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) {
      bytes.write(from, offset, length);
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
