package io.armory.agent.adapter.docker.exec;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.ExecCreateCmd;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.logs.LogFrames;
import io.armory.agent.port.ContainerEngine.ExecRequest;
import io.armory.agent.port.ContainerEngine.ExecResult;
import java.io.IOException;
import java.util.Map;

/// Runs a command in a container and waits for its end.
public final class ContainerExec {
  private static final int MAX_BYTES = 64 * 1024;

  private ContainerExec() {}

  public static ExecResult run(Session session, String container, ExecRequest request)
      throws EngineException {
    var id = session.ask(docker -> created(docker, container, request)).getId();
    var output = output(session, id);
    var code = session.ask(docker -> docker.inspectExecCmd(id)).getExitCodeLong();
    return new ExecResult(code == null ? -1 : code.intValue(), output);
  }

  private static ExecCreateCmd created(DockerClient docker, String container, ExecRequest request) {
    return docker
        .execCreateCmd(container)
        .withAttachStdout(true)
        .withAttachStderr(true)
        .withCmd(request.command().toArray(String[]::new))
        .withUser(request.user())
        .withWorkingDir(request.workingDir())
        .withEnv(
            request.environment().entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList())
        .withPrivileged(request.privileged());
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
