package io.armory.agent.adapter.files;

import io.armory.agent.domain.SourceFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

/// The node's files.
public final class DiskFiles implements SourceFiles {
  /// The usual way to say that there is no env file.
  private static final Path NOTHING = Path.of("/dev/null");

  private static final Set<String> KERNEL =
      Set.of("proc", "sysfs", "tracefs", "debugfs", "cgroup", "cgroup2", "securityfs");

  @Override
  public Reading read(String path, long maxBytes) {
    try {
      return read(Path.of(path), maxBytes);
    } catch (AccessDeniedException e) {
      return new Unreadable("permission denied");
    } catch (IOException | InvalidPathException e) {
      return new Unreadable(String.valueOf(e.getMessage()));
    }
  }

  private static Reading read(Path file, long maxBytes) throws IOException {
    if (Files.isDirectory(file)) {
      return new Directory();
    }
    if (Absence.isCertain(file)) {
      return new Missing();
    }
    if (!Files.exists(file)) {
      return new Unreadable("it is a link that leads nowhere, or may not be looked at");
    }
    if (file.equals(NOTHING)) {
      return new Content(new byte[0]);
    }
    // A device or pipe may never end.
    if (!Files.isRegularFile(file)) {
      return new Unreadable("not a regular file");
    }
    long size = Files.size(file);
    // A file of the kernel has no size and may never end, though it calls itself a regular one.
    if (size == 0 && KERNEL.contains(Files.getFileStore(file).type())) {
      return new Unreadable("a file of the kernel, which may never end");
    }
    if (size > maxBytes) {
      return new TooLarge(size);
    }
    try (InputStream in = Files.newInputStream(file)) {
      // It may have grown meanwhile.
      byte[] bytes = in.readNBytes((int) Math.min(maxBytes, Integer.MAX_VALUE - 8L) + 1);
      return bytes.length > maxBytes ? new TooLarge(bytes.length) : new Content(bytes);
    }
  }
}
