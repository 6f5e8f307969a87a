package io.armory.agent.adapter.docker.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Parallel;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.observe.Parts.About;
import io.armory.agent.domain.ImageReference;
import io.armory.agent.domain.stack.Observation.ObservedNetwork;
import io.armory.agent.domain.stack.Observation.ObservedVolume;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.port.ContainerEngine.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a look sees beside the containers: one list for all of a kind, and what a list that fails
/// leaves open is asked for by itself. (A dead volume plugin, for one, holds up the list of all
/// volumes.)
public record BesideLook(Session session, Scope scope, Parts parts) {
  private static final int WIDTH = 8;

  List<ObservedNetwork> networks() throws EngineException {
    return named(
        Thing.NETWORK, "/networks", scope.networks(), Function.identity(), n -> network(n));
  }

  List<ObservedVolume> volumes() throws EngineException {
    return named(Thing.VOLUME, "/volumes", scope.volumes(), BesideLook::volumes, n -> volume(n));
  }

  /// The engine writes a list of none as null.
  private static JsonNode volumes(JsonNode answer) {
    var volumes = answer.path("Volumes");
    return volumes.isNull() ? Json.array() : volumes;
  }

  private interface Named<T> {
    @Nullable T read(JsonNode entry);
  }

  /// The project's, and those of other owners that have one of the names.
  private <T> List<T> named(
      Thing thing,
      String path,
      Set<String> names,
      Function<JsonNode, JsonNode> entries,
      Named<T> reading)
      throws EngineException {
    var seen = new ArrayList<T>();
    var missing = new HashSet<>(names);
    var own = list(thing, path + ofProject(), entries);
    own.ifPresent(list ->
        list.forEach(entry -> {
          var read = reading.read(entry);
          if (read != null) {
            seen.add(read);
            missing.remove(entry.path("Name").asText());
          }
        }));
    if (missing.isEmpty()) {
      return seen;
    }
    var others =
        own.isEmpty()
            ? Optional.<JsonNode>empty()
            : list(thing, path + Query.filters(Map.of("name", List.copyOf(missing))), entries);
    if (others.isPresent()) {
      // The engine's filter matches parts of names.
      for (var entry : others.get()) {
        var read = reading.read(entry);
        if (read != null && missing.contains(entry.path("Name").asText())) {
          seen.add(read);
        }
      }
      return seen;
    }
    seen.addAll(
        Parallel.ask(
            List.copyOf(missing),
            WIDTH,
            name ->
                parts.ask(
                    About.of(thing, name),
                    thing == Thing.NETWORK ? Paths.network(name, "") : Paths.volume(name),
                    answer ->
                        answer.path("Name").asText().equals(name) ? reading.read(answer) : null)));
    return seen;
  }

  /// Empty where the answer is no list, or one of other things.
  private Optional<JsonNode> list(Thing thing, String path, Function<JsonNode, JsonNode> entries) {
    return parts.list(
        thing,
        path,
        answer -> {
          var list = entries.apply(answer);
          for (var entry : list) {
            if (entry.path("Name").asText("").isEmpty()) {
              return null;
            }
          }
          return list.isArray() ? list : null;
        });
  }

  /// One list for all that it names; what the list calls otherwise (no tag, another spelling of the
  /// registry), or does not know, is asked for by itself.
  Map<String, String> images() throws EngineException {
    var ids = new ConcurrentHashMap<String, String>();
    // What cannot be the name of an image is not here, and is nothing to ask the engine for.
    var names = scope.images().stream().filter(ImageReference::isValid).toList();
    if (session.engine().name().equals("Docker") && names.size() > 1) {
      var named = Query.filters(Map.of("reference", names));
      parts
          .list(Thing.IMAGE, "/images/json" + named, answer -> answer.isArray() ? answer : null)
          .ifPresent(list -> list.forEach(listed -> tags(listed, ids)));
      ids.keySet().retainAll(scope.images());
    }
    var others = names.stream().filter(i -> !ids.containsKey(i)).toList();
    Parallel.ask(
        others,
        WIDTH,
        reference -> {
          var id =
              parts.ask(
                  About.of(Thing.IMAGE, reference),
                  Paths.image(reference, "/json"),
                  image -> Json.text(image, "Id"));
          if (id != null) {
            ids.put(reference, ContainerReading.imageId(id));
          }
          return reference;
        });
    return ids;
  }

  private static void tags(JsonNode listed, Map<String, String> ids) {
    var id = ContainerReading.imageId(listed.path("Id").asText());
    if (!id.isEmpty()) {
      listed.path("RepoTags").forEach(tag -> ids.put(tag.asText(), id));
      listed.path("RepoDigests").forEach(digest -> ids.put(digest.asText(), id));
    }
  }

  private Query ofProject() {
    return Query.filters(Map.of("label", List.of(Labels.PROJECT + "=" + scope.project())));
  }

  public static ObservedNetwork network(JsonNode network) {
    var labels = ContainerReading.labels(network.path("Labels"));
    return new ObservedNetwork(
        network.path("Id").asText(),
        network.path("Name").asText(),
        Optional.ofNullable(labels.get(Labels.NETWORK)),
        Optional.ofNullable(labels.get(Labels.PROJECT)),
        Optional.ofNullable(labels.get(Labels.DEFINITION)),
        network.path("Driver").asText(""));
  }

  private static ObservedVolume volume(JsonNode volume) {
    var labels = ContainerReading.labels(volume.path("Labels"));
    return new ObservedVolume(
        volume.path("Name").asText(),
        Optional.ofNullable(labels.get(Labels.VOLUME)),
        Optional.ofNullable(labels.get(Labels.PROJECT)),
        Optional.ofNullable(labels.get(Labels.DEFINITION)),
        volume.path("Driver").asText(""));
  }
}
