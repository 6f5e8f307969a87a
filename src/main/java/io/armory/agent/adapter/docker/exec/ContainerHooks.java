package io.armory.agent.adapter.docker.exec;

import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.http.Sessions;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Service.Hook;
import io.armory.agent.port.ContainerEngine.ExecRequest;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The `post_start` and `pre_stop` commands of the Compose specification. They are run at least
/// once: one whose end the agent did not live to see is run again.
public final class ContainerHooks {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerHooks.class);
  private static final int SHOWN = 200;

  private ContainerHooks() {}

  /// All in order; the first that fails is the end, as in the reference.
  public static void postStart(Session session, String container, List<Hook> hooks)
      throws EngineException {
    for (var hook : hooks) {
      run(session, container, hook);
    }
  }

  /// What fails, or has not ended in time, is reported and keeps nothing from being stopped. The
  /// reference would not stop the container then; an agent that cannot stop one is worse.
  public static void preStop(
      DeadlineCalls calls,
      Sessions sessions,
      String name,
      String id,
      Duration time,
      List<Hook> all) {
    if (all.isEmpty()) {
      return;
    }
    try {
      var _ =
          calls.within(
              new DeadlineCalls.Patience(time),
              () ->
                  sessions.use(session -> {
                    for (var hook : all) {
                      run(session, id, hook);
                    }
                    return "";
                  }));
    } catch (EngineException e) {
      // One that does not run has nothing to be prepared.
      if (e.kind() != Failure.Kind.NOT_FOUND && e.kind() != Failure.Kind.CONFLICT) {
        LOG.warn("{}: pre_stop: {}; stopping it nevertheless", name, e.getMessage());
      }
    }
  }

  private static void run(Session session, String container, Hook hook) throws EngineException {
    var request =
        new ExecRequest(
            hook.command(),
            hook.user(),
            hook.privileged(),
            hook.workingDir(),
            hook.environment(),
            Duration.ZERO);
    var result = ContainerExec.run(session, container, request);
    if (result.exitCode() != 0) {
      throw new EngineException(
          Failure.Kind.TRANSIENT,
          "%s ended with code %d%s"
              .formatted(hook.command().getFirst(), result.exitCode(), said(result.output())));
    }
  }

  private static String said(String output) {
    var text = output.strip();
    return text.isEmpty() ? "" : ": " + text.substring(Math.max(0, text.length() - SHOWN));
  }
}
