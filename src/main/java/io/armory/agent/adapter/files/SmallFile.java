package io.armory.agent.adapter.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file that a person wrote: regular, and of a page, not of a megabyte. A pipe or a device may
/// never end, and never begin.
final class SmallFile {
  private static final int MOST_BYTES = 1024 * 1024;

  /// The usual way to say that there is none.
  private static final Path NOTHING = Path.of("/dev/null");

  private SmallFile() {}

  /// @throws NoSuchFileException there is none
  static byte[] read(Path file) throws IOException {
    return read(file, MOST_BYTES);
  }

  /// @param most a multiple of 1 MiB
  static byte[] read(Path file, int most) throws IOException {
    if (!Files.isRegularFile(file)) {
      if (file.toRealPath().equals(NOTHING)) {
        return new byte[0];
      }
      throw Absence.noFile(file);
    }
    try (var in = Files.newInputStream(file)) {
      // What has no end in sight is not begun.
      var bytes = Files.size(file) > most ? new byte[0] : in.readNBytes(most + 1);
      if (Files.size(file) > most || bytes.length > most) {
        throw new IOException(
            "%s is larger than %d MiB: not a configuration file".formatted(file, most >> 20));
      }
      return bytes;
    }
  }
}
