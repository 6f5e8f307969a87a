package io.armory.agent.adapter.docker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The engine's socket as seen through a fault: it passes everything on, holds all answers back as
/// a stopped engine does, or is gone as a restarting one is. The engine behind is left in peace.
public final class FaultySocket implements AutoCloseable {
  private final Path behind;
  private final Path path;
  private final Object gate = new Object();
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private boolean held;
  private volatile Duration delay = Duration.ZERO;
  private @Nullable ServerSocketChannel server;

  FaultySocket(Path path, Path behind) {
    this.path = path;
    this.behind = behind;
  }

  public static FaultySocket before(Path behind, Path path) {
    var socket = new FaultySocket(path, behind);
    socket.appear();
    return socket;
  }

  public Path path() {
    return path;
  }

  /// Connections the client side has open now.
  int connections() {
    return clients.size();
  }

  /// Connections ever made by the client side.
  int accepted() {
    return accepted.get();
  }

  public void hold() {
    synchronized (gate) {
      held = true;
    }
  }

  public void pass() {
    synchronized (gate) {
      held = false;
      gate.notifyAll();
    }
  }

  /// Every answer takes this much longer, piece by piece.
  public void slow(Duration by) {
    delay = by;
  }

  /// Every connection breaks, the stream of events too; new ones are taken.
  public void cut() {
    clients.forEach(FaultySocket::closeQuietly);
  }

  /// The engine ends: the socket is gone, and every connection with it.
  public void vanish() {
    try {
      if (server != null) {
        server.close();
      }
      Files.deleteIfExists(path);
      clients.forEach(FaultySocket::closeQuietly);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void appear() {
    try {
      var opened = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      opened.bind(UnixDomainSocketAddress.of(path));
      server = opened;
      Thread.ofVirtual().start(() -> accept(opened));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocketChannel from) {
    try {
      while (true) {
        var client = from.accept();
        var engine = SocketChannel.open(UnixDomainSocketAddress.of(behind));
        clients.add(client);
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> pump(client, engine, client, false));
        Thread.ofVirtual().start(() -> pump(engine, client, client, true));
      }
    } catch (IOException e) {
      // Vanished.
    }
  }

  private void pump(SocketChannel from, SocketChannel to, SocketChannel client, boolean answers) {
    var buffer = ByteBuffer.allocate(16384);
    try {
      while (from.read(buffer.clear()) >= 0) {
        if (answers) {
          awaitFlow();
          Thread.sleep(delay);
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
      }
    } catch (IOException | InterruptedException e) {
      // One side is gone: so is the other.
    } finally {
      clients.remove(client);
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private void awaitFlow() throws InterruptedException {
    synchronized (gate) {
      while (held) {
        gate.wait();
      }
    }
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // Gone is gone.
    }
  }

  @Override
  public void close() {
    vanish();
    pass();
  }
}
