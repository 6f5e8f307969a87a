package io.armory.agent.cli;

import java.io.IOException;
import java.io.InputStream;

/// The body of a chunked answer (RFC 9112, 7.1), as it comes.
final class Chunks extends InputStream {
  private final InputStream in;
  private long left;
  private boolean begun;
  private boolean ended;

  Chunks(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0 && !ended) {
      next();
    }
    if (ended) {
      return -1;
    }
    var count = in.read(bytes, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new IOException("the agent ended the connection");
    }
    left -= count;
    return count;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(left, in.available());
  }

  private void next() throws IOException {
    if (begun) {
      ControlClient.line(in);
    }
    begun = true;
    var size = ControlClient.line(in);
    var end = size.indexOf(';');
    try {
      left = Long.parseLong((end < 0 ? size : size.substring(0, end)).strip(), 16);
    } catch (NumberFormatException e) {
      throw new IOException("no HTTP answer", e);
    }
    if (left == 0) {
      ended = true;
    }
  }
}
