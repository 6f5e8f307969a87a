package io.armory.agent.disk;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file that somebody wrote: regular, and no longer than so much. A pipe or a device may never
/// end, and never begin.
public final class RegularFile {
  public static final int MIB = 1024 * 1024;

  /// The usual way to say that there is none.
  private static final Path NOTHING = Path.of("/dev/null");

  private RegularFile() {}

  /// It is none of this sort.
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;
    private final String what;

    private Refused(Path file, String what) {
      super(file + " " + what);
      this.what = what;
    }

    /// Without the file's name: "is no regular file".
    public String what() {
      return what;
    }
  }

  /// Opened once: how long it is, and what is in it, is asked of what was opened, whatever stands
  /// at its place meanwhile. One that grows is read no further.
  ///
  /// @param most in bytes
  /// @throws NoSuchFileException there is none
  public static byte[] read(Path file, int most) throws IOException {
    if (Files.exists(file) && file.toRealPath().equals(NOTHING)) {
      return new byte[0];
    }
    require(file);
    try (var channel = FileChannel.open(file)) {
      // What has no end in sight is not begun.
      var begun = channel.size() <= most;
      var bytes = Channels.newInputStream(channel).readNBytes(begun ? most + 1 : 0);
      if (!begun || bytes.length > most) {
        var size = most < MIB ? most + " bytes" : most / MIB + " MiB";
        throw new Refused(file, "is larger than " + size);
      }
      return bytes;
    }
  }

  /// Throws if there is something that is no regular file.
  public static void require(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new Refused(
          file, Files.isDirectory(file) ? "is a directory, not a file" : "is no regular file");
    }
  }
}
