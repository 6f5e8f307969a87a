package io.armory.agent.adapter.redis;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/// A socket over which all that belongs to one question must have come by a time: a timeout of each
/// read alone never ends with whom answers byte by byte, of TLS as of Redis.
final class TimedSocket extends Socket {
  private volatile long deadline;

  TimedSocket() {
    asked(RedisSockets.PATIENCE);
  }

  /// A question is asked now, and answered within this time.
  void asked(Duration patience) {
    deadline = System.nanoTime() + patience.toNanos();
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new FilterInputStream(super.getInputStream()) {
      @Override
      public int read() throws IOException {
        limit();
        return in.read();
      }

      @Override
      public int read(byte[] into, int from, int most) throws IOException {
        limit();
        return in.read(into, from, most);
      }
    };
  }

  private void limit() throws IOException {
    var left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    if (left <= 0) {
      throw new SocketTimeoutException("no end of the answer");
    }
    setSoTimeout((int) left);
  }
}
