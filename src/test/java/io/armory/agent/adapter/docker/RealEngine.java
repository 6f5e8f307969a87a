package io.armory.agent.adapter.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The node's Docker Engine and a Compose project of the test's own on it, which is removed after
/// the test. Speaks to the engine past the adapter, as another program would.
final class RealEngine implements AfterEachCallback {
  static final String IMAGE = "armory-standin/service:dev";

  private final String project = "it-" + UUID.randomUUID().toString().substring(0, 8);
  private final Session session;

  RealEngine() {
    try {
      session = Session.open(DockerEngine.DEFAULT_SOCKET);
    } catch (EngineException e) {
      throw new AssertionError("these tests need a Docker Engine: " + e.getMessage(), e);
    }
  }

  String project() {
    return project;
  }

  int api() {
    return session.api();
  }

  JsonNode get(String path) {
    try {
      return session.get(path);
    } catch (EngineException e) {
      throw new AssertionError(e);
    }
  }

  JsonNode post(String path, JsonNode body) {
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
      for (var container : get("/containers/json" + mine.and("all", "1"))) {
        delete("/containers/" + container.path("Id").asText() + "?force=1&v=1");
      }
      for (var network : get("/networks" + mine)) {
        delete("/networks/" + network.path("Id").asText());
      }
      for (var volume : get("/volumes" + mine).path("Volumes")) {
        delete("/volumes/" + volume.path("Name").asText());
      }
    }
    session.retire();
  }

  void delete(String path) {
    try {
      session.delete(path);
    } catch (EngineException e) {
      throw new AssertionError("left behind: " + path, e);
    }
  }
}
