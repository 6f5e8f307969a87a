package io.armory.agent.rig;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A port before another one on loopback, which can be cut and mended: while it is cut, connections
/// are refused, and those that were open are gone. What is behind can also hang, be slow, end in
/// the middle of its answers, or say that it cannot.
public final class Relay implements AutoCloseable {
  private final InetAddress address;
  private final int target;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean held;
  private volatile int most = Integer.MAX_VALUE;
  private volatile Duration delay = Duration.ZERO;
  private volatile byte[] instead = {};
  private @Nullable ServerSocket listening;

  public Relay(URI target) {
    this(InetAddress.getLoopbackAddress(), target);
  }

  /// @param address to listen at, such as the one that nodes reach this machine by
  public Relay(InetAddress address, URI target) {
    this.address = address;
    this.target = target.getPort();
    this.listening = listen(0);
    this.port = listening.getLocalPort();
  }

  public URI endpoint() {
    return URI.create("http://" + address.getHostAddress() + ":" + port);
  }

  public synchronized void cut() {
    try {
      var socket = listening;
      listening = null;
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    hangUp();
  }

  /// From now on connections are let in and never answered.
  public void hold() {
    held = true;
    hangUp();
  }

  /// Every piece of an answer takes this much longer.
  public void slow(Duration by) {
    delay = by;
  }

  /// Every answer ends after so many bytes, and its connection with it.
  public void breakOff(int bytes) {
    most = bytes;
    hangUp();
  }

  /// This is all that it says to anything.
  public void answer(String text) {
    instead = text.getBytes(StandardCharsets.UTF_8);
    hangUp();
  }

  private void hangUp() {
    open.forEach(Relay::end);
    open.clear();
  }

  public synchronized void mend() {
    var faulty = held || most < Integer.MAX_VALUE || instead.length > 0;
    held = false;
    most = Integer.MAX_VALUE;
    instead = new byte[0];
    delay = Duration.ZERO;
    if (faulty) {
      hangUp();
    }
    if (listening == null) {
      listening = listen(port);
    }
  }

  private ServerSocket listen(int at) {
    try {
      var socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address, at));
      Thread.ofVirtual().name("relay").start(() -> accept(socket));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket socket) {
    try {
      while (true) {
        var client = socket.accept();
        if (held) {
          open.add(client);
          continue;
        }
        var server = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(server);
        Thread.ofVirtual().start(() -> pump(client, server, true));
        Thread.ofVirtual().start(() -> pump(server, client, false));
      }
    } catch (IOException e) {
      // Cut, or the other side is gone: either way there is nothing more to accept.
    }
  }

  private void pump(Socket from, Socket to, boolean requests) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      var piece = new byte[16384];
      for (var n = in.read(piece); n >= 0; n = in.read(piece)) {
        if (requests && instead.length > 0) {
          from.getOutputStream().write(instead);
        } else if (requests) {
          out.write(piece, 0, n);
        } else {
          Thread.sleep(delay);
          out.write(piece, 0, Math.min(n, most));
          if (n > most) {
            return;
          }
        }
      }
    } catch (IOException | InterruptedException e) {
      // The end of a connection, by either side.
    } finally {
      end(from);
      end(to);
      open.remove(from);
      open.remove(to);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    cut();
  }
}
