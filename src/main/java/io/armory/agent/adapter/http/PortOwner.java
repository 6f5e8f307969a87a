package io.armory.agent.adapter.http;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who listens on a TCP port, from `/proc` (proc(5), `/proc/net/tcp`): the listening socket's inode
/// and the process that has it open.
public final class PortOwner {
  private static final Path PROC = Path.of("/proc");
  private static final String LISTEN = "0A";

  private PortOwner() {}

  /// `NAME (pid N)`; empty when there is none, or it may not be seen.
  public static Optional<String> of(int port) {
    var inodes = new HashSet<String>();
    for (var table : List.of("net/tcp", "net/tcp6")) {
      inodes.addAll(listening(PROC.resolve(table), port));
    }
    return inodes.isEmpty() ? Optional.empty() : processWith(inodes);
  }

  private static Set<String> listening(Path table, int port) {
    var inodes = new HashSet<String>();
    try {
      for (var line : Files.readAllLines(table)) {
        var fields = line.strip().split("\\s+", -1);
        if (fields.length > 9
            && fields[3].equals(LISTEN)
            && fields[1].endsWith(":%04X".formatted(port))) {
          inodes.add("socket:[" + fields[9] + "]");
        }
      }
    } catch (IOException e) {
      return Set.of();
    }
    return inodes;
  }

  private static Optional<String> processWith(Set<String> sockets) {
    try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (var process : processes) {
        if (holds(process, sockets)) {
          var name = Files.readString(process.resolve("comm")).strip();
          return Optional.of(name + " (pid " + process.getFileName() + ")");
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
      for (var fd : open) {
        if (sockets.contains(target(fd))) {
          return true;
        }
      }
    } catch (IOException e) {
      return false;
    }
    return false;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
