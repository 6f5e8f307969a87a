package io.armory.agent.adapter.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The node's Docker Engine and a Compose project of the test's own on it, which is removed after
/// the test. Speaks to the engine past the adapter, as another program would.
public final class RealEngine implements AfterEachCallback {
  static final String IMAGE = "armory-standin/service:dev";

  private final String project = "it-" + UUID.randomUUID().toString().substring(0, 8);
  private final Session session;

  public RealEngine() {
    this(DockerEngine.DEFAULT_SOCKET);
  }

  public RealEngine(Path socket) {
    try {
      session = Session.open(socket);
    } catch (EngineException e) {
      throw new AssertionError("these tests need a Docker Engine: " + e.getMessage(), e);
    }
  }

  public String project() {
    return project;
  }

  int api() {
    return session.api();
  }

  public JsonNode get(String path) {
    try {
      return session.get(path);
    } catch (EngineException e) {
      throw new AssertionError(e);
    }
  }

  public JsonNode post(String path, JsonNode body) {
    try {
      return session.post(path, body);
    } catch (EngineException e) {
      throw new AssertionError(e);
    }
  }

  JsonNode inspect(String container) {
    return get("/containers/" + container + "/json");
  }

  void kill(String container) {
    post("/containers/" + container + "/kill", Json.object());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    for (var suffix : List.of("", "-other")) {
      var mine = Query.filters(Map.of("label", List.of(Labels.PROJECT + "=" + project + suffix)));
      var containers = new ArrayDeque<String>();
      get("/containers/json" + mine.and("all", "1"))
          .forEach(c -> containers.add(c.path("Id").asText()));
      remove(containers);
      for (var network : get("/networks" + mine)) {
        delete("/networks/" + network.path("Id").asText());
      }
      for (var volume : get("/volumes" + mine).path("Volumes")) {
        delete("/volumes/" + volume.path("Name").asText());
      }
    }
    session.retire();
  }

  /// Podman removes none whose namespace another uses: that one has to go first.
  private void remove(Deque<String> containers) {
    int tries = containers.size() * containers.size();
    while (!containers.isEmpty()) {
      var path = "/containers/" + containers.getFirst() + "?force=1&v=1";
      try {
        session.delete(path);
        containers.removeFirst();
      } catch (EngineException e) {
        if (tries-- <= 0) {
          throw new AssertionError("left behind: " + path, e);
        }
        containers.addLast(containers.removeFirst());
      }
    }
  }

  void delete(String path) {
    try {
      session.delete(path);
    } catch (EngineException e) {
      throw new AssertionError("left behind: " + path, e);
    }
  }
}
