package io.armory.agent.adapter.docker.exec;

import com.github.dockerjava.api.command.ExecCreateCmdResponse;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.logs.LogFrames;
import io.armory.agent.domain.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// A command in a container whose standard output is passed on as it comes, whatever its length.
///
/// @param alive told whenever something came
public record StreamedExec(Session session, Runnable alive) {
  private static final int STANDARD_ERROR = 2;
  private static final int MOST_SAID = 64 * 1024;
  private static final int SHOWN = 400;

  /// @return the end of what it wrote to standard error, in one line
  public String run(String container, List<String> command, OutputStream to)
      throws EngineException {
    var id =
        session
            .<ExecCreateCmdResponse>ask(docker ->
                docker
                    .execCreateCmd(container)
                    .withAttachStdout(true)
                    .withAttachStderr(true)
                    .withCmd(command.toArray(String[]::new)))
            .getId();
    var said = new ByteArrayOutputStream();
    var attach = Json.object().put("Detach", false).put("Tty", false);
    var path = session.path("/exec/" + id + "/start");
    try (var response = session.http().stream("POST", path, attach, Map.of())) {
      LogFrames.read(
          response.getBody(),
          false,
          (stream, _, bytes, length) -> {
            alive.run();
            if (stream != STANDARD_ERROR) {
              write(to, bytes, length);
            } else if (said.size() < MOST_SAID) {
              said.write(bytes, 0, length);
            }
          });
    } catch (NotTaken e) {
      throw new EngineException(
          Failure.Kind.TRANSIENT, "what it gives cannot be kept: " + e.getMessage());
    } catch (IOException e) {
      throw session.http().unreachable(e);
    }
    var code = session.ask(docker -> docker.inspectExecCmd(id)).getExitCodeLong();
    var words = end(said);
    if (code == null || code != 0) {
      throw new EngineException(
          Failure.Kind.BROKEN,
          "it ended with code " + code + (words.isEmpty() ? "" : ": " + words));
    }
    return words;
  }

  /// The receiving side cannot take it, which is no fault of the engine's.
  private static final class NotTaken extends IOException {
    private static final long serialVersionUID = 1L;

    NotTaken(IOException e) {
      super(e.getMessage(), e);
    }
  }

  private static void write(OutputStream to, byte[] bytes, int length) throws NotTaken {
    try {
      to.write(bytes, 0, length);
    } catch (IOException e) {
      throw new NotTaken(e);
    }
  }

  private static String end(ByteArrayOutputStream said) {
    var text = said.toString(StandardCharsets.UTF_8).strip().replaceAll("\\s*\\R\\s*", "; ");
    return text.substring(Math.max(0, text.length() - SHOWN));
  }
}
