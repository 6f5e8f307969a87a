package io.armory.agent.adapter.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// Tells what is not there from what cannot be seen: a link that leads nowhere, as to a disk that
/// is not mounted, a directory that nobody may enter. Only what is not there counts for nothing.
final class Absence {
  private Absence() {}

  static boolean isCertain(Path path) {
    if (!Files.notExists(path)) {
      return false;
    }
    for (var p = path.toAbsolutePath(); p != null; p = p.getParent()) {
      if (Files.exists(p, LinkOption.NOFOLLOW_LINKS)) {
        return Files.exists(p);
      }
    }
    return true;
  }

  /// Why something that ought to be a file is none; for what is not certainly absent.
  static IOException noFile(Path path) {
    if (Files.isDirectory(path)) {
      return new IOException(path + ": is a directory, not a file");
    }
    return new IOException(
        path
            + (Files.exists(path)
                ? ": is no regular file"
                : ": is a link that leads nowhere, or may not be looked at"));
  }
}
