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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A port before another one on loopback, which can be cut and mended: while it is cut, connections
/// are refused, and those that were open are gone.
public final class Relay implements AutoCloseable {
  private final InetAddress address;
  private final int target;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean held;
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
    open.forEach(Relay::end);
    open.clear();
  }

  /// From now on connections are let in and never answered.
  public void hold() {
    held = true;
  }

  public synchronized void mend() {
    if (held) {
      held = false;
      open.forEach(Relay::end);
      open.clear();
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
        Thread.ofVirtual().start(() -> pump(client, server));
        Thread.ofVirtual().start(() -> pump(server, client));
      }
    } catch (IOException e) {
      // Cut, or the other side is gone: either way there is nothing more to accept.
    }
  }

  private void pump(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
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
