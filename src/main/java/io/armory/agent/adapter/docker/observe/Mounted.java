package io.armory.agent.adapter.docker.observe;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What containers mount from the node.
public final class Mounted {
  private Mounted() {}

  /// @param startedAt when the container was started last, which is when its mounts were made;
  ///   `null`: never
  /// @return target → path on the node, or name or ID of an image. A file that was replaced or
  ///   removed since is left out: the container still has the one from before
  static Map<String, String> of(JsonNode mounts, @Nullable Instant startedAt) {
    var all = new HashMap<String, String>();
    for (var mount : mounts) {
      if (isImage(mount)) {
        all.put(mount.path("Destination").asText(), mount.path("Name").asText(""));
      }
      var source = source(mount);
      if (!source.isEmpty() && isStill(source, startedAt)) {
        all.put(mount.path("Destination").asText(), source);
      }
    }
    return all;
  }

  /// The images that are mounted, as they were named when the container was made.
  public static Stream<String> images(JsonNode mounts) {
    return mounts.valueStream().filter(Mounted::isImage).map(m -> m.path("Name").asText(""));
  }

  private static boolean isImage(JsonNode mount) {
    return mount.path("Type").asText().equals("image");
  }

  /// The paths on the node, whatever became of them.
  public static Set<String> sources(JsonNode mounts) {
    var all = new HashSet<String>();
    mounts.forEach(mount -> all.add(source(mount)));
    all.remove("");
    return all;
  }

  private static String source(JsonNode mount) {
    return mount.path("Type").asText().equals("bind") ? mount.path("Source").asText("") : "";
  }

  /// What the agent may not see is taken as it was.
  private static boolean isStill(String source, @Nullable Instant startedAt) {
    try {
      var path = Path.of(source);
      if (Files.isDirectory(path)) {
        return true;
      }
      var changed = Files.getLastModifiedTime(path).toInstant();
      return startedAt == null || !changed.isAfter(startedAt);
    } catch (NoSuchFileException e) {
      return !isSeen(Path.of(source).getParent());
    } catch (IOException | InvalidPathException e) {
      return true;
    }
  }

  /// Under a hardened unit, a directory may be hidden from the agent alone.
  private static boolean isSeen(@Nullable Path directory) {
    return directory != null && Files.isDirectory(directory) && Files.isReadable(directory);
  }
}
