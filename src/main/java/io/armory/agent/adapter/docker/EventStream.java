package io.armory.agent.adapter.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient;
import io.armory.agent.domain.Failure;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One project's container events, on a connection of their own, for as long as it is open. Three
/// threads: one reads and reconnects, one tells the listener (so that a slow listener never makes
/// the engine skip us), one asks now and then whether the engine still answers, because a dead
/// stream is silent as a quiet one.
final class EventStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  /// Podman 4 is asked for in words of its own.
  private static final List<String> ACTIONS =
      List.of(
          "start",
          "die",
          "died",
          "oom",
          "kill",
          "stop",
          "destroy",
          "remove",
          "pause",
          "unpause",
          "restart",
          "rename",
          "health_status");

  private static final EngineEvent LOST = new EngineEvent("lost", "", "", "");
  private static final EngineEvent CONNECTED = new EngineEvent("connected", "", "", "");
  private static final int BACKLOG = 1024;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /// A stream that said nothing for so long is replaced by a new one, in case it was forgotten.
  static final Duration QUIET = Duration.ofMinutes(2);

  private final Path socket;
  private final String project;
  private final Consumer<EngineEvent> listener;
  private final Duration liveness;
  private final Duration quiet;
  private final Runnable engineLost;
  private final BlockingQueue<EngineEvent> queue = new ArrayBlockingQueue<>(BACKLOG);
  private final DeadlineCalls calls = new DeadlineCalls(4);
  private final Object telling = new Object();
  private final List<Thread> threads;
  private volatile @Nullable Connection connection;
  private volatile boolean overflowed;
  private volatile boolean closed;

  /// @param liveness how often the engine is asked whether it is there, and how long it may take
  /// @param quiet how long a stream may say nothing before it is replaced
  /// @param engineLost told when the stream breaks: other connections are probably dead as well
  EventStream(
      Path socket,
      String project,
      Consumer<EngineEvent> listener,
      Duration liveness,
      Duration quiet,
      Runnable engineLost) {
    this.socket = socket;
    this.project = project;
    this.listener = listener;
    this.liveness = liveness;
    this.quiet = quiet;
    this.engineLost = engineLost;
    this.threads =
        List.of(
            Thread.ofVirtual().name("engine-events").unstarted(this::read),
            Thread.ofVirtual().name("engine-events-tell").unstarted(this::tell),
            Thread.ofVirtual().name("engine-events-liveness").unstarted(this::watchOver));
  }

  /// An open stream. `heardAt` is on the clock of `System.nanoTime`.
  private static final class Connection implements AutoCloseable {
    final EngineHttp http;
    final DockerHttpClient.Response response;
    volatile long heardAt = System.nanoTime();
    volatile boolean renewed;

    Connection(EngineHttp http, DockerHttpClient.Response response) {
      this.http = http;
      this.response = response;
    }

    @Override
    public void close() {
      response.close();
      http.close();
    }
  }

  void start() {
    threads.forEach(Thread::start);
  }

  private void read() {
    var pause = FIRST_PAUSE;
    boolean told = false;
    String since = "";
    while (!closed) {
      String from = since;
      since = "";
      try (var open = calls.within(new DeadlineCalls.Patience(liveness), () -> connect(from))) {
        connection = open;
        if (closed) {
          return;
        }
        if (!told) {
          offer(CONNECTED);
          told = true;
        }
        pause = FIRST_PAUSE;
        since = drain(open);
      } catch (EngineException | RuntimeException e) {
        LOG.debug("event stream of {}: {}", project, e.getMessage());
      } finally {
        connection = null;
      }
      if (!since.isEmpty()) {
        continue;
      }
      if (told && !closed) {
        told = false;
        engineLost.run();
        offer(LOST);
      }
      if (!sleep(pause)) {
        return;
      }
      pause = longer(pause);
    }
  }

  private static Duration longer(Duration pause) {
    var twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  /// @param since an engine time from which to repeat events, or an empty string
  private Connection connect(String since) throws EngineException {
    var http = new EngineHttp(socket, 2);
    try {
      var query =
          Query.filters(
              Map.of(
                  "type", List.of("container"),
                  "event", ACTIONS,
                  "label", List.of(Labels.PROJECT + "=" + project)));
      if (!since.isEmpty()) {
        query.and("since", since);
      }
      // Every engine serves its oldest version of this call without a version in the path.
      var response = http.stream("GET", "/events" + query, null, Map.of());
      if (Thread.currentThread().isInterrupted()) {
        response.close();
        throw new EngineException(Failure.Kind.TIMEOUT, "abandoned");
      }
      return new Connection(http, response);
    } catch (EngineException | RuntimeException e) {
      http.close();
      throw e;
    }
  }

  /// @return from when on events have to be asked for again if the stream was given up for its
  ///   silence alone; empty if it broke
  private String drain(Connection open) {
    try {
      var lines =
          new BufferedReader(
              new InputStreamReader(open.response.getBody(), StandardCharsets.UTF_8));
      var line = lines.readLine();
      while (!closed && line != null) {
        open.heardAt = System.nanoTime();
        if (!line.isBlank()) {
          offer(event(Json.parse(line.getBytes(StandardCharsets.UTF_8))));
        }
        line = lines.readLine();
      }
    } catch (IOException | EngineException e) {
      LOG.debug("event stream of {}: {}", project, e.getMessage());
    }
    // Nothing was heard for longer than that, so nothing is repeated.
    return open.renewed ? Long.toString(Instant.now().minusSeconds(5).getEpochSecond()) : "";
  }

  private static EngineEvent event(JsonNode json) {
    var actor = json.path("Actor");
    var attributes = actor.path("Attributes");
    return new EngineEvent(
        inDockersWords(json.path("Action").asText(json.path("status").asText(""))),
        attributes.path(Labels.SERVICE).asText(""),
        actor.path("ID").asText(json.path("id").asText("")),
        attributes.path("signal").asText(""));
  }

  private static String inDockersWords(String action) {
    return switch (action) {
      case "died" -> "die";
      case "remove" -> "destroy";
      default -> action;
    };
  }

  private void offer(EngineEvent event) {
    if (!queue.offer(event)) {
      overflowed = true;
    }
  }

  private void tell() {
    try {
      while (!closed) {
        var event = queue.take();
        if (overflowed) {
          overflowed = false;
          tell(LOST);
          tell(CONNECTED);
        }
        tell(event);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(EngineEvent event) {
    synchronized (telling) {
      if (!closed) {
        try {
          listener.accept(event);
        } catch (RuntimeException e) {
          LOG.error("a listener of engine events failed", e);
        }
      }
    }
  }

  private void watchOver() {
    while (sleep(liveness)) {
      var open = connection;
      if (open == null) {
        continue;
      }
      if (!answers()) {
        open.close();
      } else if (System.nanoTime() - open.heardAt > quiet.toNanos()) {
        open.renewed = true;
        open.close();
      }
    }
  }

  private boolean answers() {
    try {
      calls.within(
          new DeadlineCalls.Patience(liveness),
          () -> {
            try (var http = new EngineHttp(socket, 1)) {
              return http.send("GET", "/version", null);
            }
          });
      return true;
    } catch (EngineException e) {
      return false;
    }
  }

  private boolean sleep(Duration pause) {
    try {
      Thread.sleep(pause);
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    synchronized (telling) {
      closed = true;
    }
    threads.forEach(Thread::interrupt);
    var open = connection;
    if (open != null) {
      Thread.ofVirtual().name("engine-close").start(open::close);
    }
  }
}
