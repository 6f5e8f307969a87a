package io.armory.agent.adapter.docker.create;

import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Action;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The engine calls about a container that is there. What is so already is done, not failed.
public final class ContainerCalls {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerCalls.class);

  private ContainerCalls() {}

  public static void start(Session session, String id) throws EngineException {
    session.run(docker -> docker.startContainerCmd(id));
  }

  public static void stop(Session session, String id, Duration grace) throws EngineException {
    session.run(docker -> docker.stopContainerCmd(id).withTimeout(seconds(grace)));
  }

  public static void restart(Session session, String id, Duration grace) throws EngineException {
    session.run(docker -> docker.restartContainerCmd(id).withTimeout(seconds(grace)));
  }

  private static int seconds(Duration grace) {
    return Math.clamp(ContainerBody.seconds(grace), 0, Integer.MAX_VALUE);
  }

  /// One reading of its control group. Of one that does not run, engines tell 0 or nothing.
  public static Duration processorTime(Session session, String id) throws EngineException {
    var stats =
        session.get(path(id, "stats") + Query.of("stream", "false").and("one-shot", "true"));
    var used = stats.path("cpu_stats").path("cpu_usage").path("total_usage").asLong();
    if (used <= 0) {
      throw new EngineException(
          Failure.Kind.TRANSIENT, "the engine tells no processor time of the container");
    }
    return Duration.ofNanos(used);
  }

  /// Whether it stands still now, until it is resumed. Not every engine and kernel can do so.
  static boolean pause(Session session, String id) throws EngineException {
    try {
      session.run(docker -> docker.pauseContainerCmd(id));
      return true;
    } catch (EngineException e) {
      if (e.kind() == Failure.Kind.UNREACHABLE) {
        throw e;
      }
      LOG.info("{} is not paused while its names are set: {}", id, e.getMessage());
      return false;
    }
  }

  public static void unpause(Session session, String id) throws EngineException {
    try {
      session.run(docker -> docker.unpauseContainerCmd(id));
    } catch (EngineException e) {
      if (!e.says("is not paused")) {
        throw e;
      }
    }
  }

  public static void rename(Session session, Action.RenameContainer rename) throws EngineException {
    try {
      session.run(docker -> docker.renameContainerCmd(rename.id()).withName(rename.newName()));
    } catch (EngineException e) {
      if (!e.says("same name")) {
        throw e;
      }
    }
  }

  public static void restartPolicy(Session session, Action.SetRestartPolicy set)
      throws EngineException {
    var body = Json.object();
    HostConfigBody.restart(body, set.policy());
    try {
      session.post(path(set.id(), "update"), body);
    } catch (EngineException e) {
      // Not the container is missing, of which there would be words, but the call.
      if (e.status() == 404 && e.says("http status 404: not found")) {
        throw new EngineException(
            Failure.Kind.TRANSIENT, "this engine cannot change a restart policy; Podman 5 can");
      }
      throw e;
    }
  }

  public static void remove(Session session, Action.RemoveContainer remove) throws EngineException {
    var inherited = remove.anonymousVolumes() ? inherited(session, remove.id()) : null;
    try {
      session.run(docker ->
          docker.removeContainerCmd(remove.id()).withRemoveVolumes(remove.anonymousVolumes()));
    } catch (EngineException e) {
      if (e.status() != 404 && !e.says("is already in progress")) {
        throw e.says("running container", "paused container") ? e.as(Failure.Kind.CONFLICT) : e;
      }
    }
    if (inherited != null) {
      for (var volume : inherited.split(",", -1)) {
        removeIfUnused(session, volume);
      }
    }
  }

  private static @Nullable String inherited(Session session, String id) throws EngineException {
    try {
      var labels = session.get(Paths.container(id, "/json")).path("Config").path("Labels");
      return Json.text(labels, Labels.INHERITED);
    } catch (EngineException e) {
      if (e.status() == 404) {
        return null;
      }
      throw e;
    }
  }

  /// Only ever given names from [Labels#INHERITED], all of them volumes nobody named.
  private static void removeIfUnused(Session session, String volume) throws EngineException {
    try {
      session.delete(Paths.volume(volume));
    } catch (EngineException e) {
      if (e.status() != 404 && e.status() != 409) {
        throw e;
      }
    }
  }

  private static String path(String id, String verb) {
    return Paths.container(id, "/" + verb);
  }
}
