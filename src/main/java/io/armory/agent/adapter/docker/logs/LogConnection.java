package io.armory.agent.adapter.docker.logs;

import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.EngineHttp;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.port.ContainerEngine.LogSink;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// One container's log as it is written, on a connection of its own: it is open for as long as
/// somebody reads, and the loop's calls must not wait for one to be free.
public final class LogConnection {
  private static final int BATCH = 16 * 1024;

  private final InputStream stream;
  private final Semaphore turn;
  private final LogSink sink;
  private List<LogLine> batch = new ArrayList<>();
  private int characters;

  private LogConnection(InputStream stream, Semaphore turn, LogSink sink) {
    this.stream = stream;
    this.turn = turn;
    this.sink = sink;
  }

  /// Returns when the container has ended. An interrupt closes the socket and ends it at once.
  ///
  /// @param turn one permit for all of these: the masking of a flood of lines on each of them must
  ///   not take every processor from the loop's calls
  public static void follow(
      Path socket, String container, LogRange range, Semaphore turn, LogSink sink)
      throws EngineException {
    try (var http = new EngineHttp(socket, 2)) {
      var inspect = Session.versioned(http, socket, Paths.container(container, "/json"));
      var inspected = http.send("GET", inspect, null).body();
      var path = Session.versioned(http, socket, ContainerLogs.path(container, range, true));
      try (var response = http.stream("GET", path, null, Map.of())) {
        new LogConnection(response.getBody(), turn, sink)
            .read(range, ContainerLogs.isTerminal(inspected));
      } catch (IOException e) {
        throw http.unreachable(e);
      }
    }
  }

  private void read(LogRange range, boolean tty) throws IOException {
    var lines = new LogLines(range, this::add);
    LogFrames.read(
        stream,
        tty,
        new LogFrames.Receiver() {
          @Override
          public void write(int channel, boolean begins, byte[] bytes, int length) {
            lines.write(channel, begins, bytes, length);
          }

          @Override
          public void pause() throws IOException {
            if (characters > BATCH || stream.available() == 0) {
              tell();
            }
          }
        });
    lines.end();
    tell();
  }

  private void add(LogLine line) {
    batch.add(line);
    characters += line.text().length() + 1;
  }

  // Nothing rests on it but that others get their turn.
  @SuppressWarnings("ThreadPriorityCheck")
  private void tell() throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    var told = batch;
    batch = new ArrayList<>();
    characters = 0;
    try {
      turn.acquire();
      try {
        sink.take(told);
      } finally {
        turn.release();
      }
      // A stream that never runs dry would keep its carrier from the loop's calls.
      Thread.yield();
      sink.awaitRoom();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
