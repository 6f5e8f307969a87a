package io.armory.agent.adapter.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.Failure;
import io.armory.agent.port.ImageShelf.Spare;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The engine calls about images nobody needs.
final class SpareImages {
  private static final String NONE = "<none>";

  private SpareImages() {}

  static List<Spare> of(Session session, Set<String> needed, Set<String> repositories)
      throws EngineException {
    // Images before containers: a container made in between counts.
    var all = new ArrayList<JsonNode>();
    session.get("/images/json").forEach(all::add);
    var kept = inUse(session);
    for (var reference : needed) {
      if (!ImageReference.isValid(reference)) {
        continue;
      }
      try {
        kept.add(id(session.get(Paths.image(reference, "/json")).path("Id")));
      } catch (EngineException e) {
        if (e.status() != 404) {
          throw e;
        }
      }
    }
    var ours = repositories.stream().map(SpareImages::repository).collect(Collectors.toSet());
    return all.stream()
        .filter(i -> !kept.contains(id(i.path("Id"))) && isOf(i, ours))
        .sorted(Comparator.comparingLong((JsonNode i) -> i.path("Created").asLong()))
        .map(SpareImages::spare)
        .toList();
  }

  static String directory(Session session) throws EngineException {
    var directory = session.get("/info").path("DockerRootDir").asText("");
    if (!directory.startsWith("/")) {
      throw new EngineException(Failure.Kind.INVALID, "the engine names no directory of its own");
    }
    return directory;
  }

  private static Set<String> inUse(Session session) throws EngineException {
    var ids = new HashSet<String>();
    for (var container : session.get("/containers/json" + Query.of("all", "1"))) {
      ids.add(id(container.path("ImageID")));
    }
    return ids;
  }

  /// All its names are of these repositories, and it has a digest, hence came from a registry.
  private static boolean isOf(JsonNode image, Set<String> repositories) {
    var digests = names(image.path("RepoDigests"));
    return !digests.isEmpty()
        && Stream.concat(digests.stream(), names(image.path("RepoTags")).stream())
            .allMatch(name -> repositories.contains(repository(name)));
  }

  private static Spare spare(JsonNode image) {
    var tags = names(image.path("RepoTags"));
    return tags.isEmpty()
        ? new Spare(names(image.path("RepoDigests")).getFirst(), List.of(image.path("Id").asText()))
        : new Spare(String.join(", ", tags), tags);
  }

  private static List<String> names(JsonNode names) {
    var all = new ArrayList<String>();
    names.forEach(name -> {
      if (!name.asText().contains(NONE)) {
        all.add(name.asText());
      }
    });
    return all;
  }

  /// As the engine shows it: Docker Hub's own name is left out.
  private static String repository(String reference) {
    var repository = ImageReference.parse(reference).repository();
    for (var prefix : List.of("docker.io/", "library/")) {
      if (repository.startsWith(prefix)) {
        repository = repository.substring(prefix.length());
      }
    }
    return repository;
  }

  private static String id(JsonNode id) {
    return ContainerReading.imageId(id.asText());
  }

  static void remove(Session session, String reference) throws EngineException {
    try {
      session.delete(Paths.image(reference, ""));
    } catch (EngineException e) {
      if (e.status() != 404) {
        throw e;
      }
    }
  }
}
