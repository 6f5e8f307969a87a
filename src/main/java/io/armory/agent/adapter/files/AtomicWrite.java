package io.armory.agent.adapter.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/// Writing a file so that a reader, or a node that loses power, sees the old content or the new,
/// never a part: a temporary file beside it, synced, renamed over it, and the directory synced.
final class AtomicWrite {
  /// Marks what an interrupted write left behind.
  static final String TEMPORARY = ".tmp~";

  private AtomicWrite() {}

  /// @param mode POSIX permission bits
  /// @param uid numeric owner, -1 for the process's own
  static void write(Path file, byte[] content, int mode, int uid) throws IOException {
    write(file, content, mode, uid, -1);
  }

  /// @param gid numeric group, -1 for the process's own
  static void write(Path file, byte[] content, int mode, int uid, int gid) throws IOException {
    var temporary = file.resolveSibling("." + file.getFileName() + TEMPORARY);
    // Only an interrupted write can have left it, and CREATE_NEW follows no link.
    Files.deleteIfExists(temporary);
    try {
      var options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      try (var channel =
          FileChannel.open(
              temporary, options, PosixFilePermissions.asFileAttribute(permissions(0600)))) {
        var bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        if (uid >= 0) {
          Files.setAttribute(temporary, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        }
        if (gid >= 0) {
          Files.setAttribute(temporary, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
        }
        Files.setPosixFilePermissions(temporary, permissions(mode));
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    syncDirectory(file.resolveSibling("."));
  }

  /// Makes renames and removals in a directory durable.
  static void syncDirectory(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  static Set<PosixFilePermission> permissions(int mode) {
    var all = PosixFilePermission.values();
    var set = EnumSet.noneOf(PosixFilePermission.class);
    for (var i = 0; i < all.length; i++) {
      if ((mode & (0400 >> i)) != 0) {
        set.add(all[i]);
      }
    }
    return set;
  }
}
