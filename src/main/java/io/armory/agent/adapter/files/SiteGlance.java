package io.armory.agent.adapter.files;

import io.armory.agent.port.Glance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Which files there are below some directories, and when and how they last changed.
public record SiteGlance(List<Path> directories) implements Supplier<Glance> {
  private static final int DEEPEST = 5;

  @Override
  public Glance get() {
    var files = new TreeMap<String, String>();
    var newest = Instant.EPOCH;
    for (var directory : directories) {
      try (var walk = Files.walk(directory, DEEPEST, FileVisitOption.FOLLOW_LINKS)) {
        for (var path : (Iterable<Path>) walk::iterator) {
          var changed = mark(path, files);
          newest = changed.isAfter(newest) ? changed : newest;
        }
      } catch (IOException | UncheckedIOException e) {
        // The reading says what is wrong with it.
        files.put(directory.toString(), String.valueOf(e.getMessage()));
      }
    }
    return new Glance(Map.copyOf(files), newest);
  }

  /// Hidden files and editors' copies are nobody's; a directory only says when one went.
  private static Instant mark(Path path, Map<String, String> files) throws IOException {
    var seen = Files.readAttributes(path, "unix:size,lastModifiedTime,ctime,ino,isDirectory");
    var changed = seen.get("ctime") instanceof FileTime t ? t.toInstant() : Instant.EPOCH;
    var name = String.valueOf(path.getFileName());
    if (Boolean.TRUE.equals(seen.get("isDirectory"))) {
      return changed;
    }
    if (name.startsWith(".") || name.endsWith("~")) {
      return Instant.EPOCH;
    }
    files.put(
        path.toString(),
        "%s %s %s %s"
            .formatted(seen.get("size"), seen.get("lastModifiedTime"), changed, seen.get("ino")));
    return changed;
  }
}
