package io.armory.agent.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// What the engine says happened to a project's containers, in its own order and by its own clock:
/// exact where sampling could miss a moment.
final class EventTape implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final SocketChannel channel;
  private final List<Entry> entries = new CopyOnWriteArrayList<>();

  /// Of what was done to containers: not of the processes that health checks start in them.
  private final Semaphore events = new Semaphore(0);

  /// @param what `start`, `die`, `create`, `destroy`, …
  record Entry(String what, String service, String id, long nanos) {}

  private EventTape(SocketChannel channel) {
    this.channel = channel;
  }

  static EventTape of(String project) {
    try {
      var tape =
          new EventTape(EngineSocket.ask("/events?filters=" + EngineSocket.ofProject(project)));
      Thread.ofVirtual().start(tape::read);
      return tape;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("{")) {
          add(JSON.readTree(line));
        }
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void add(JsonNode event) {
    if (event.path("Type").asText().equals("container")) {
      if (!event.path("Action").asText().startsWith("exec")) {
        events.release();
      }
      entries.add(
          new Entry(
              event.path("Action").asText(),
              event.path("Actor").path("Attributes").path("com.docker.compose.service").asText(),
              event.path("Actor").path("ID").asText(),
              event.path("timeNano").asLong()));
    }
  }

  /// Services that a container was made for.
  Set<String> created() {
    var all = new HashSet<String>();
    entries.stream().filter(e -> e.what().equals("create")).forEach(e -> all.add(e.service()));
    return all;
  }

  long count(String what) {
    return entries.stream().filter(e -> e.what().equals(what)).count();
  }

  /// Waits until so many things have happened that nobody has waited for yet.
  ///
  /// @return false: they have not within this time, and are still waited for
  boolean happened(int count, Duration within) {
    try {
      return events.tryAcquire(count, within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /// The most services without any running container at one instant.
  ///
  /// @param running service → containers that ran when the tape began
  int mostDownAtOnce(java.util.Map<String, Integer> running) {
    var now = new HashMap<>(running);
    var most = 0;
    for (var e : entries) {
      switch (e.what()) {
        case "start" -> now.merge(e.service(), 1, Integer::sum);
        case "die" -> now.merge(e.service(), -1, Integer::sum);
        default -> {}
      }
      var down = (int) now.values().stream().filter(n -> n < 1).count();
      most = Math.max(most, down);
    }
    return most;
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    entries.stream()
        .filter(e -> !e.what().startsWith("exec"))
        .forEach(e ->
            text.append('\n')
                .append(e.nanos() / 1_000_000)
                .append(' ')
                .append(e.what())
                .append(' ')
                .append(e.service()));
    return text.toString();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closed it is.
    }
  }
}
