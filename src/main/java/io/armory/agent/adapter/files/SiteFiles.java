package io.armory.agent.adapter.files;

import io.armory.agent.disk.RegularFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The files that people write: reading a directory of them, and putting new ones beside them.
public final class SiteFiles {
  private static final int DEEPEST = 6;
  private static final int MOST_FILES = 2000;

  private SiteFiles() {}

  /// Every regular file below a directory, by its path relative to it; hidden files and editors'
  /// copies are nobody's. Links are followed.
  ///
  /// @throws IOException if it cannot be read, or is too large to be configuration
  public static Map<String, byte[]> read(Path directory) throws IOException {
    var files = new TreeMap<String, byte[]>();
    try (var walk = Files.walk(directory, DEEPEST, FileVisitOption.FOLLOW_LINKS)) {
      for (var path : (Iterable<Path>) walk::iterator) {
        var name = directory.relativize(path).toString();
        if (!Files.isRegularFile(path) || isNobodys(directory.relativize(path))) {
          continue;
        }
        if (!SiteNames.isSound(path)) {
          throw new IOException(
              directory
                  + "/"
                  + SiteNames.shown(directory, path)
                  + ": its name is not UTF-8, or has a control character in it; rename it");
        }
        files.put(name, RegularFile.read(path, RegularFile.MIB));
        if (files.size() > MOST_FILES) {
          throw new IOException(directory + " has more than " + MOST_FILES + " files");
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause() == null ? new IOException(e) : e.getCause();
    }
    return files;
  }

  private static boolean isNobodys(Path path) {
    for (var step : path) {
      if (step.toString().startsWith(".") || step.toString().endsWith("~")) {
        return true;
      }
    }
    return false;
  }

  /// Empty: there is none.
  public static Optional<byte[]> content(Path file) throws IOException {
    try {
      return Optional.of(RegularFile.read(file, RegularFile.MIB));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// Whether a file is there with this content, and no more permissions than these.
  public static boolean is(Path file, byte[] content, int mode) throws IOException {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && Arrays.equals(Files.readAllBytes(file), content)
        && Files.getAttribute(file, "unix:mode") instanceof Integer m
        && (m & 0777 & ~mode) == 0;
  }

  /// Writes it whole or not at all; its directories are made with 0755.
  public static void write(Path file, byte[] content, int mode) throws IOException {
    var directory = file.getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      Files.createDirectories(
          directory, PosixFilePermissions.asFileAttribute(AtomicWrite.permissions(0755)));
    }
    AtomicWrite.write(file, content, mode, -1);
  }

  /// A disk's failure in words.
  public static String reason(IOException e) {
    return DiskFailure.reason(e);
  }
}
