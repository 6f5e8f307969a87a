package io.armory.agent.adapter.docker.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file that a person wrote for the engine: regular, and of pages, not of megabytes. A pipe or a
/// device may never end, and never begin.
public final class LocalFile {
  private static final int MOST_BYTES = 1024 * 1024;

  private LocalFile() {}

  /// @throws IOException also if it is no such file
  public static byte[] read(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(file + " is no regular file");
    }
    try (var in = Files.newInputStream(file)) {
      if (Files.size(file) > MOST_BYTES) {
        throw new IOException(file + " is larger than 1 MiB");
      }
      return in.readNBytes(MOST_BYTES);
    }
  }
}
