package io.armory.agent.adapter.docker.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.observe.ContainerReading;
import io.armory.agent.adapter.docker.observe.Mounted;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.ImageReference;
import io.armory.agent.port.ImageShelf.Spare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The engine calls about images nobody needs.
public final class SpareImages {
  /// Where every package of containerd has its data. It tells nobody where it really has it.
  private static final String CONTAINERD = "/var/lib/containerd";

  private static final Path MOUNTS = Path.of("/proc/mounts");

  /// A layer of a container that runs, in containerd's folder.
  private static final Pattern LAYER =
      Pattern.compile("dir=(/[^:,\\s]*)/io\\.containerd\\.snapshotter\\.");

  private static final String NONE = "<none>";

  private SpareImages() {}

  /// @param pulled IDs of images that the agent pulled
  public static List<Spare> of(
      Session session, Set<String> needed, Set<String> repositories, KeptLines pulled)
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
    pulled.retain(all.stream().map(i -> id(i.path("Id"))).collect(Collectors.toSet()));
    var digestsTell = !isContainerdStore(session.get("/info"));
    return all.stream()
        .filter(i -> !kept.contains(id(i.path("Id"))))
        .filter(i -> digestsTell ? isPulled(i) : pulled.contains(id(i.path("Id"))))
        .filter(i -> isOf(i, ours))
        .sorted(Comparator.comparingLong((JsonNode i) -> i.path("Created").asLong()))
        .map(SpareImages::spare)
        .toList();
  }

  /// Of the engine's directories the one on the fuller filesystem.
  public static String directory(Session session) throws EngineException {
    return directories(session.get("/info"), mounts()).stream()
        .max(Comparator.comparingDouble(SpareImages::used))
        .orElseThrow(() ->
            new EngineException(Failure.Kind.INVALID, "the engine names no directory of its own"));
  }

  /// With the containerd store, images and containers' layers are containerd's, which has a folder
  /// of its own unless the engine runs it.
  ///
  /// @param mounts of this node, which show that folder as soon as a container runs
  static List<String> directories(JsonNode info, String mounts) {
    var all = new ArrayList<String>();
    all.add(info.path("DockerRootDir").asText(""));
    var address = info.path("Containerd").path("Address").asText("");
    if (isContainerdStore(info) && !address.matches("(/var)?/run/docker/.*")) {
      var layer = LAYER.matcher(mounts);
      all.add(layer.find() ? layer.group(1) : CONTAINERD);
    }
    all.removeIf(d -> !d.startsWith("/"));
    return all;
  }

  private static String mounts() {
    try {
      return Files.readString(MOUNTS);
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean isContainerdStore(JsonNode info) {
    for (var status : info.path("DriverStatus")) {
      if (status.path(1).asText().startsWith("io.containerd.snapshotter.")) {
        return true;
      }
    }
    return false;
  }

  private static double used(String directory) {
    try {
      var store = Files.getFileStore(Path.of(directory));
      return 1 - store.getUsableSpace() / (double) Math.max(1, store.getTotalSpace());
    } catch (IOException e) {
      // It is not there, or not for our eyes.
      return -1;
    }
  }

  private static Set<String> inUse(Session session) throws EngineException {
    var ids = new HashSet<String>();
    for (var container : session.get("/containers/json" + Query.of("all", "1"))) {
      ids.add(id(container.path("ImageID")));
      Mounted.images(container.path("Mounts")).map(ContainerReading::imageId).forEach(ids::add);
    }
    return ids;
  }

  /// It has a digest, hence came from a registry. In the containerd store every image has one.
  private static boolean isPulled(JsonNode image) {
    return !names(image.path("RepoDigests")).isEmpty();
  }

  /// All its names are of these repositories; a predecessor whose tag moved may have none.
  private static boolean isOf(JsonNode image, Set<String> repositories) {
    return Stream.concat(
            names(image.path("RepoDigests")).stream(), names(image.path("RepoTags")).stream())
        .allMatch(name -> repositories.contains(repository(name)));
  }

  private static Spare spare(JsonNode image) {
    var tags = names(image.path("RepoTags"));
    var id = image.path("Id").asText();
    return tags.isEmpty()
        ? new Spare(names(image.path("RepoDigests")).stream().findFirst().orElse(id), List.of(id))
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

  public static void remove(Session session, String reference) throws EngineException {
    try {
      session.delete(Paths.image(reference, ""));
    } catch (EngineException e) {
      if (e.status() != 404) {
        throw e;
      }
    }
  }
}
