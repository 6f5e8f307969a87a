package io.armory.agent.adapter.probe;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;

/// One connection and all that is said over it, under one deadline: an answer that dribbles in is
/// no answer. Containers are not asked by way of a proxy: none is looked for, which would cost more
/// than the rest.
final class Exchange implements AutoCloseable {
  /// A body of more is cut off; its beginning is what counts.
  private static final int MOST = 16 * 1024;

  private final Socket socket = new Socket(Proxy.NO_PROXY);
  private final long began = System.nanoTime();
  private final Duration timeout;

  private Exchange(Duration timeout) {
    this.timeout = timeout;
  }

  static Exchange with(String address, int port, Duration timeout) throws IOException {
    var exchange = new Exchange(timeout);
    try {
      exchange.socket.connect(new InetSocketAddress(address, port), exchange.left());
      return exchange;
    } catch (IOException e) {
      exchange.close();
      throw e;
    }
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.US_ASCII));
  }

  /// Reads until what came is complete, or the other side has closed. Bytes as Latin-1.
  String read(Predicate<String> complete) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var buffer = new byte[2048];
    var text = "";
    while (!complete.test(text) && bytes.size() < MOST) {
      socket.setSoTimeout(left());
      var n = socket.getInputStream().read(buffer);
      if (n < 0) {
        break;
      }
      bytes.write(buffer, 0, n);
      text = bytes.toString(StandardCharsets.ISO_8859_1);
    }
    return text;
  }

  private int left() throws SocketTimeoutException {
    var millis = (began + timeout.toNanos() - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException("no answer in " + timeout);
    }
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It was to be gone anyway.
    }
  }
}
