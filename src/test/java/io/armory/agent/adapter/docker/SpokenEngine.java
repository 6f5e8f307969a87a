package io.armory.agent.adapter.docker;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// A Docker 28 that says, byte for byte, what a test has it say.
final class SpokenEngine implements AutoCloseable {
  /// Of an answer that has no end: what is written at most.
  static final int ENDLESS = 64 * 1024 * 1024;

  private static final String VERSION = "{\"Version\":\"28.5.2\",\"ApiVersion\":\"1.51\"}";

  private final Path socket;
  private final ServerSocketChannel listening;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicLong sent = new AtomicLong();

  SpokenEngine(Path socket) throws IOException {
    this.socket = socket;
    this.listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(socket));
    says("/version", json(VERSION));
    Thread.ofVirtual().start(this::serve);
  }

  Path socket() {
    return socket;
  }

  /// @param path without version and query
  /// @param answer `…` at its end: it goes on so; `hangs`: it never comes
  void says(String path, String answer) {
    answers.put(path, answer);
  }

  /// Closed at its end, as no length is said.
  static String json(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body;
  }

  /// Bytes of answers without an end.
  long sent() {
    return sent.get();
  }

  /// The questions so far that begin with that path, version apart, with their queries.
  List<String> asked(String path) {
    return asked.stream().filter(a -> a.startsWith(path)).toList();
  }

  private void serve() {
    try {
      while (true) {
        var client = listening.accept();
        Thread.ofVirtual().start(() -> answer(client));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private void answer(SocketChannel client) {
    try (client) {
      var request = ByteBuffer.allocate(16 * 1024);
      client.read(request);
      var target =
          new String(request.array(), StandardCharsets.UTF_8)
              .split(" ", 3)[1].replaceAll("^/v1\\.\\d+", "");
      asked.add(target);
      var path = target.replaceAll("\\?.*", "");
      var said = answers.getOrDefault(path, json(path.equals("/volumes") ? "{}" : "[]"));
      if (said.equals("hangs")) {
        // Until the other side gives up.
        client.read(request.clear());
        return;
      }
      write(client, said.replace("…", ""));
      while (said.endsWith("…") && sent.get() < ENDLESS) {
        write(client, "x".repeat(100_000));
        sent.addAndGet(100_000);
      }
    } catch (IOException e) {
      // Heard enough.
    }
  }

  private static void write(SocketChannel client, String text) throws IOException {
    var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
