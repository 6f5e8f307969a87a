package io.armory.agent.adapter.docker.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Parallel;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.port.ContainerEngine.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One look at everything of a project. What cannot be read by itself is unknown by itself; when
/// the engine does not list its containers, or does not answer at all, the look fails as a whole,
/// since half an observation would be acted upon.
public final class ProjectLook {
  /// More at once only make the engine's own locks wait.
  private static final int WIDTH = 8;

  private final Session session;
  private final Scope scope;
  private final ObservationCache known;
  private final DeadlineCalls calls;
  private final Parts parts;
  private final Instant at;

  /// @param look for everything
  public ProjectLook(
      Session session,
      Scope scope,
      ObservationCache known,
      DeadlineCalls calls,
      Instant at,
      Duration look) {
    this.session = session;
    this.scope = scope;
    this.known = known;
    this.calls = calls;
    this.parts = new Parts(session, calls, known.troubles(), at, look);
    this.at = at;
  }

  /// Something to be looked at beside the others.
  private interface Part {
    void look() throws EngineException;
  }

  /// Asks for everything but what is known of containers.
  public Observation.Observed observed() throws EngineException {
    return observed(null);
  }

  /// Asks for the containers, unless nothing has happened, and for the rest when it is not known.
  public Observation.Observed glanced() throws EngineException {
    long now = System.nanoTime();
    var beside = known.beside(scope, now);
    if (beside != null && isDocker()) {
      var generation = known.generation();
      var before = known.whole(scope, now);
      if (before != null && known.isQuiet(session, calls) && generation == known.generation()) {
        return seen(before, beside, List.of());
      }
    }
    return observed(beside);
  }

  private Observation.Observed observed(ObservationCache.@Nullable Beside before)
      throws EngineException {
    long generation = known.generation();
    long asked = System.nanoTime();
    var after = new ConcurrentHashMap<String, InspectCache.Known>();
    var containers = new ArrayList<Observation.Container>();
    var besides = new BesideLook(session, scope, parts);
    var networks = new ArrayList<Observation.ObservedNetwork>();
    var volumes = new ArrayList<Observation.ObservedVolume>();
    var images = new HashMap<String, String>();
    List<Part> all =
        before == null
            ? List.of(
                () -> containers.addAll(containers(asked, after)),
                () -> networks.addAll(besides.networks()),
                () -> volumes.addAll(besides.volumes()),
                () -> images.putAll(besides.images()))
            : List.of(() -> containers.addAll(containers(asked, after)));
    Parallel.ask(
        all,
        all.size(),
        part -> {
          part.look();
          return part;
        });
    parts.confirmEngine();
    var unknown = parts.unknown();
    var beside =
        before == null
            ? new ObservationCache.Beside(
                scope,
                networks,
                volumes,
                images,
                unknown.stream().filter(u -> u.thing() != Thing.CONTAINER).toList(),
                asked)
            : before;
    known.learn(scope, after, beside, generation, unknown.isEmpty() ? containers : null, asked);
    return seen(containers, beside, unknown);
  }

  private Observation.Observed seen(
      List<Observation.Container> containers,
      ObservationCache.Beside beside,
      List<Observation.Unknown> unknown) {
    return new Observation.Observed(
        at,
        session.engine(),
        containers,
        beside.networks(),
        beside.volumes(),
        beside.images(),
        unknown);
  }

  private List<Observation.Container> containers(long asked, Map<String, InspectCache.Known> after)
      throws EngineException {
    var before =
        isDocker() ? known.containers(scope.project()) : Map.<String, InspectCache.Known>of();
    var containers = new ArrayList<Observation.Container>();
    var unproved = new ArrayList<JsonNode>();
    var there = new HashSet<String>();
    for (var listed : list(session.get("/containers/json" + ofProject().and("all", "1")))) {
      if (ContainerReading.oneOff(listed.path("Labels").path(Labels.ONE_OFF).asText())) {
        continue;
      }
      var id = listed.path("Id").asText();
      there.add(id);
      var earlier = before.get(id);
      var proved = InspectCache.proved(earlier, listed, asked);
      if (earlier != null && proved != null) {
        after.put(id, earlier);
        containers.add(proved);
      } else {
        unproved.add(listed);
      }
    }
    containers.addAll(Parallel.ask(unproved, WIDTH, listed -> inspected(listed, asked, after)));
    known.retain(there);
    return containers;
  }

  /// Anything but a list with an ID in each entry is no answer: an empty one would be acted upon.
  private static JsonNode list(JsonNode listed) throws EngineException {
    var bad = !listed.isArray();
    for (var entry : listed) {
      bad |= entry.path("Id").asText("").isEmpty();
    }
    if (bad) {
      throw new EngineException(
          Failure.Kind.TRANSIENT, "the engine's list of containers is not one");
    }
    return listed;
  }

  private Observation.@Nullable Container inspected(
      JsonNode listed, long asked, Map<String, InspectCache.Known> after) {
    var id = listed.path("Id").asText();
    var about = new Parts.About(Thing.CONTAINER, id, ListedContainer.name(listed));
    var read =
        parts.ask(
            about,
            Paths.container(id, "/json"),
            answer -> answer.path("Id").asText().equals(id) ? ContainerReading.read(answer) : null);
    if (read != null) {
      after.put(id, new InspectCache.Known(read, InspectCache.shown(listed), asked));
      return read;
    }
    return parts.isUnknown(Thing.CONTAINER, id)
        ? ListedContainer.presumed(listed, known.lastRead(id))
        : null;
  }

  /// Podman's lists say other things in other words.
  private boolean isDocker() {
    return session.engine().name().equals("Docker");
  }

  private Query ofProject() {
    return Query.filters(Map.of("label", List.of(Labels.PROJECT + "=" + scope.project())));
  }
}
