package io.armory.agent.adapter.docker;

import io.armory.agent.port.ContainerEngine.ExecRequest;
import io.armory.agent.port.ContainerEngine.ExecResult;
import java.io.IOException;
import java.util.Map;

/// Runs a command in a container and waits for its end.
final class ContainerExec {
  private static final int MAX_BYTES = 64 * 1024;

  private ContainerExec() {}

  static ExecResult run(Session session, String container, ExecRequest request)
      throws EngineException {
    var body = Json.object().put("AttachStdout", true).put("AttachStderr", true);
    Json.putAll(body, "Cmd", request.command());
    Json.put(body, "User", request.user());
    Json.put(body, "WorkingDir", request.workingDir());
    Json.putAll(
        body,
        "Env",
        request.environment().entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .toList());
    body.put("Privileged", request.privileged());
    var id = session.post(Paths.container(container, "/exec"), body).path("Id").asText();
    var output = output(session, id);
    var ended = session.get("/exec/" + id + "/json");
    return new ExecResult(ended.path("ExitCode").asInt(-1), output);
  }

  private static String output(Session session, String id) throws EngineException {
    var attach = Json.object().put("Detach", false).put("Tty", false);
    var path = session.path("/exec/" + id + "/start");
    try (var response = session.http().stream("POST", path, attach, Map.of())) {
      return LogFrames.read(response.getBody(), false, MAX_BYTES);
    } catch (IOException e) {
      throw session.http().unreachable(e);
    }
  }
}
