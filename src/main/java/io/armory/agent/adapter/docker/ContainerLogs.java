package io.armory.agent.adapter.docker;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/// The last lines of a container.
record ContainerLogs(Session session, String container) {
  private static final int MAX_BYTES = 256 * 1024;

  List<String> last(int lines) throws EngineException {
    var inspected = session.get("/containers/" + container + "/json");
    boolean tty = inspected.path("Config").path("Tty").asBoolean();
    var query = Query.of("stdout", "1").and("stderr", "1").and("tail", Integer.toString(lines));
    var path = session.path("/containers/" + container + "/logs" + query);
    try (var response = session.http().stream("GET", path, null, Map.of())) {
      var written = LogFrames.read(response.getBody(), tty, MAX_BYTES).lines().toList();
      return List.copyOf(written.subList(Math.max(0, written.size() - lines), written.size()));
    } catch (IOException e) {
      throw session.http().unreachable(e);
    }
  }
}
