package io.armory.agent.adapter.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.Observation;
import io.armory.agent.port.ContainerEngine.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One look at everything of a project. Whole or not at all: any failure but a container's own
/// disappearance ends it, since half an observation would be acted upon.
final class ProjectLook {
  /// More at once only make the engine's own locks wait.
  private static final int WIDTH = 8;

  private final Session session;
  private final Scope scope;
  private final Knowledge known;

  ProjectLook(Session session, Scope scope, Knowledge known) {
    this.session = session;
    this.scope = scope;
    this.known = known;
  }

  /// Something to be looked at beside the others.
  private interface Part {
    void look() throws EngineException;
  }

  /// Asks for everything but what is known of containers.
  Observation.Observed observed(Instant at) throws EngineException {
    return observed(at, null);
  }

  /// Asks for the containers, and for the rest when it is not known.
  Observation.Observed glanced(Instant at) throws EngineException {
    return observed(at, known.beside(scope, System.nanoTime()));
  }

  private Observation.Observed observed(Instant at, Knowledge.@Nullable Beside before)
      throws EngineException {
    long generation = known.generation();
    long asked = System.nanoTime();
    var after = new ConcurrentHashMap<String, KnownContainers.Known>();
    var containers = new ArrayList<Observation.Container>();
    Knowledge.Beside beside;
    if (before == null) {
      var networks = new ArrayList<Observation.ObservedNetwork>();
      var volumes = new ArrayList<Observation.ObservedVolume>();
      var images = new HashMap<String, String>();
      List<Part> parts =
          List.of(
              () -> containers.addAll(containers(asked, after)),
              () -> networks.addAll(networks()),
              () -> volumes.addAll(volumes()),
              () -> images.putAll(images()));
      Parallel.ask(
          parts,
          parts.size(),
          part -> {
            part.look();
            return part;
          });
      beside = new Knowledge.Beside(scope, networks, volumes, images, asked);
    } else {
      containers.addAll(containers(asked, after));
      beside = before;
    }
    known.learn(scope.project(), after, beside, generation);
    return new Observation.Observed(
        at, session.engine(), containers, beside.networks(), beside.volumes(), beside.images());
  }

  private List<Observation.Container> containers(
      long asked, Map<String, KnownContainers.Known> after) throws EngineException {
    var before =
        isDocker() ? known.containers(scope.project()) : Map.<String, KnownContainers.Known>of();
    var containers = new ArrayList<Observation.Container>();
    var unknown = new ArrayList<JsonNode>();
    for (var listed : session.get("/containers/json" + ofProject().and("all", "1"))) {
      if (ContainerReading.oneOff(listed.path("Labels").path(Labels.ONE_OFF).asText())) {
        continue;
      }
      var id = listed.path("Id").asText();
      var earlier = before.get(id);
      var proved = KnownContainers.proved(earlier, listed, asked);
      if (earlier != null && proved != null) {
        after.put(id, earlier);
        containers.add(proved);
      } else {
        unknown.add(listed);
      }
    }
    containers.addAll(Parallel.ask(unknown, WIDTH, listed -> inspected(listed, asked, after)));
    return containers;
  }

  private Observation.@Nullable Container inspected(
      JsonNode listed, long asked, Map<String, KnownContainers.Known> after)
      throws EngineException {
    var id = listed.path("Id").asText();
    var inspected = found(Paths.container(id, "/json"));
    if (inspected == null) {
      return null;
    }
    var container = ContainerReading.read(inspected);
    after.put(id, new KnownContainers.Known(container, KnownContainers.shown(listed), asked));
    return container;
  }

  /// One list for all that it names; what the list calls otherwise (no tag, another spelling of the
  /// registry) is asked for by itself.
  private Map<String, String> images() throws EngineException {
    var ids = new ConcurrentHashMap<String, String>();
    // What cannot be the name of an image is not here, and is nothing to ask the engine for.
    var names = scope.images().stream().filter(ImageReference::isValid).toList();
    if (isDocker() && names.size() > 1) {
      var named = Query.filters(Map.of("reference", names));
      for (var listed : session.get("/images/json" + named)) {
        var id = ContainerReading.imageId(listed.path("Id").asText());
        listed.path("RepoTags").forEach(tag -> ids.put(tag.asText(), id));
        listed.path("RepoDigests").forEach(digest -> ids.put(digest.asText(), id));
      }
      ids.keySet().retainAll(scope.images());
    }
    var others = names.stream().filter(i -> !ids.containsKey(i)).toList();
    Parallel.ask(
        others,
        WIDTH,
        reference -> {
          var image = found(Paths.image(reference, "/json"));
          if (image != null) {
            ids.put(reference, ContainerReading.imageId(image.path("Id").asText()));
          }
          return reference;
        });
    return ids;
  }

  private List<Observation.ObservedNetwork> networks() throws EngineException {
    var seen = new ArrayList<Observation.ObservedNetwork>();
    session.get("/networks" + ofProject()).forEach(n -> seen.add(network(n)));
    var missing = new HashSet<>(scope.networks());
    seen.forEach(n -> missing.remove(n.name()));
    if (!missing.isEmpty()) {
      for (var network : session.get("/networks" + named(missing))) {
        // The engine's filter matches parts of names.
        if (missing.contains(network.path("Name").asText())) {
          seen.add(network(network));
        }
      }
    }
    return seen;
  }

  private List<Observation.ObservedVolume> volumes() throws EngineException {
    var seen = new ArrayList<Observation.ObservedVolume>();
    session.get("/volumes" + ofProject()).path("Volumes").forEach(v -> seen.add(volume(v)));
    var missing = new HashSet<>(scope.volumes());
    seen.forEach(v -> missing.remove(v.name()));
    if (!missing.isEmpty()) {
      for (var volume : session.get("/volumes" + named(missing)).path("Volumes")) {
        if (missing.contains(volume.path("Name").asText())) {
          seen.add(volume(volume));
        }
      }
    }
    return seen;
  }

  /// Podman's lists say other things in other words.
  private boolean isDocker() {
    return session.engine().name().equals("Docker");
  }

  private Query ofProject() {
    return Query.filters(Map.of("label", List.of(Labels.PROJECT + "=" + scope.project())));
  }

  private static Query named(Set<String> names) {
    return Query.filters(Map.of("name", List.copyOf(names)));
  }

  static Observation.ObservedNetwork network(JsonNode network) {
    var labels = ContainerReading.labels(network.path("Labels"));
    return new Observation.ObservedNetwork(
        network.path("Id").asText(),
        network.path("Name").asText(),
        Optional.ofNullable(labels.get(Labels.NETWORK)),
        Optional.ofNullable(labels.get(Labels.PROJECT)),
        Optional.ofNullable(labels.get(Labels.DEFINITION)),
        network.path("Driver").asText(""));
  }

  private static Observation.ObservedVolume volume(JsonNode volume) {
    var labels = ContainerReading.labels(volume.path("Labels"));
    return new Observation.ObservedVolume(
        volume.path("Name").asText(),
        Optional.ofNullable(labels.get(Labels.VOLUME)),
        Optional.ofNullable(labels.get(Labels.PROJECT)),
        Optional.ofNullable(labels.get(Labels.DEFINITION)),
        volume.path("Driver").asText(""));
  }

  private @Nullable JsonNode found(String path) throws EngineException {
    try {
      return session.get(path);
    } catch (EngineException e) {
      // 400: the engine does not take it for a name of anything.
      if (e.status() == 404 || e.status() == 400) {
        return null;
      }
      throw e;
    }
  }
}
