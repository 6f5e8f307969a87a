package io.armory.agent.adapter.docker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The engine's socket as seen through a fault: it passes everything on, holds all answers back as
/// a stopped engine does, or is gone as a restarting one is. The engine behind is left in peace.
public final class FaultySocket implements AutoCloseable {
  public static final String BREAK = "break";
  private static final Pattern AMID_TIME = Pattern.compile("(\"2|\\w\":\\d)[\\dT:.-]*$");

  private final Path behind;
  private final Path path;
  private final Object gate = new Object();
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private boolean held;
  private final Map<String, String> faults = new ConcurrentHashMap<>();
  private volatile Duration delay = Duration.ZERO;
  private volatile UnaryOperator<String> answers = UnaryOperator.identity();
  private volatile UnaryOperator<String> requests = UnaryOperator.identity();
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

  /// Requests whose first line contains `part` of a path are not passed on.
  ///
  /// @param answer the whole response, in HTTP; empty: there is none, ever; [#BREAK]: the
  ///   connection ends
  public void fault(String part, String answer) {
    faults.put(part, answer);
  }

  /// What goes through is passed on as these make it, in as many characters.
  public void translate(UnaryOperator<String> answers, UnaryOperator<String> requests) {
    this.answers = answers;
    this.requests = requests;
  }

  public void mend() {
    faults.clear();
  }

  public static String answer(int status, String body) {
    return "HTTP/1.1 %d Fault\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, body.length(), body);
  }

  /// Whether the request that begins here was dealt with: the client sends one at a time.
  private boolean isFault(ByteBuffer request, SocketChannel client) throws IOException {
    var text = StandardCharsets.ISO_8859_1.decode(request.duplicate()).toString();
    var line = text.lines().findFirst().orElse("");
    for (var fault : faults.entrySet()) {
      if (line.contains(fault.getKey()) && line.contains(" HTTP/1.1")) {
        if (fault.getValue().equals(BREAK)) {
          throw new IOException("broken on purpose");
        }
        client.write(StandardCharsets.UTF_8.encode(fault.getValue()));
        return true;
      }
    }
    return false;
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
        if (!answers && isFault(buffer, client)) {
          continue;
        }
        while (answers && endsAmidTime(buffer) && readOn(from, buffer)) {}
        translate(buffer, answers ? this.answers : requests);
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

  private static void translate(ByteBuffer piece, UnaryOperator<String> by) {
    var text = StandardCharsets.ISO_8859_1.decode(piece.duplicate()).toString();
    piece.duplicate().put(by.apply(text).getBytes(StandardCharsets.ISO_8859_1));
  }

  private static boolean endsAmidTime(ByteBuffer piece) {
    var end = piece.slice(Math.max(0, piece.limit() - 40), Math.min(40, piece.limit()));
    return AMID_TIME.matcher(StandardCharsets.ISO_8859_1.decode(end)).find();
  }

  private static boolean readOn(SocketChannel from, ByteBuffer piece) throws IOException {
    piece.compact();
    var more = piece.hasRemaining() && from.read(piece) >= 0;
    piece.flip();
    return more;
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
