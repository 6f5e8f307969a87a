package io.armory.agent.adapter.docker.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.EngineHttp;
import io.armory.agent.adapter.docker.http.JsonLines;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.Failure;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One open stream of a project's container events, see [EventStream].
final class EventConnection implements AutoCloseable {
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
          "update",
          "health_status");

  private final EngineHttp http;
  private final DockerHttpClient.Response response;
  private final String project;

  /// On the clock of `System.nanoTime`.
  private volatile long heardAt = System.nanoTime();

  private volatile boolean renewed;
  private volatile boolean closed;

  private EventConnection(EngineHttp http, DockerHttpClient.Response response, String project) {
    this.http = http;
    this.response = response;
    this.project = project;
  }

  /// @param since an engine time from which to repeat events, or an empty string
  static EventConnection open(Path socket, String project, String since) throws EngineException {
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
      var path = Session.versioned(http, socket, "/events" + query);
      var response = http.stream("GET", path, null, Map.of());
      if (Thread.currentThread().isInterrupted()) {
        response.close();
        throw new EngineException(Failure.Kind.TIMEOUT, "abandoned");
      }
      return new EventConnection(http, response, project);
    } catch (EngineException | RuntimeException e) {
      http.close();
      throw e;
    }
  }

  /// Tells every event until the stream ends, for whatever reason.
  void drain(Consumer<EngineEvent> events) {
    try {
      var lines = new JsonLines(response.getBody());
      var line = lines.next();
      while (!closed && line != null) {
        heardAt = System.nanoTime();
        events.accept(event(line));
        line = lines.next();
      }
    } catch (IOException | EngineException e) {
      LOG.debug("event stream of {}: {}", project, e.getMessage());
    }
  }

  /// From when on events have to be asked for again if the stream was given up for its silence
  /// alone; empty if it broke.
  String since() {
    // Nothing was heard for longer than that, so nothing is repeated.
    return renewed ? Long.toString(Instant.now().minusSeconds(5).getEpochSecond()) : "";
  }

  Duration silence() {
    return Duration.ofNanos(System.nanoTime() - heardAt);
  }

  /// Gives the stream up for its silence.
  void renew() {
    renewed = true;
    close();
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

  @Override
  public void close() {
    closed = true;
    response.close();
    http.close();
  }
}
