package io.armory.agent.adapter.http;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
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
    return of("", port);
  }

  /// Whether anybody listens there, seen or not.
  public static boolean isListening(String address, int port) {
    return List.of("net/tcp", "net/tcp6").stream()
        .anyMatch(table -> !listening(PROC.resolve(table), address, port).isEmpty());
  }

  /// Who listens on a port where an address is answered for: there, or on every address.
  ///
  /// @param address IPv4 or IPv6; empty or a wildcard: any
  public static Optional<String> of(String address, int port) {
    var inodes = new HashSet<String>();
    for (var table : List.of("net/tcp", "net/tcp6")) {
      inodes.addAll(listening(PROC.resolve(table), address, port));
    }
    return inodes.isEmpty() ? Optional.empty() : processWith(inodes);
  }

  private static Set<String> listening(Path table, String address, int port) {
    var inodes = new HashSet<String>();
    try {
      for (var line : Files.readAllLines(table)) {
        var fields = line.strip().split("\\s+", -1);
        if (fields.length > 9
            && fields[3].equals(LISTEN)
            && fields[1].endsWith(":%04X".formatted(port))
            && meets(fields[1].substring(0, fields[1].indexOf(':')), address)) {
          inodes.add("socket:[" + fields[9] + "]");
        }
      }
    } catch (IOException e) {
      return Set.of();
    }
    return inodes;
  }

  /// @param local as the kernel writes it: words of 32 bits, each in the host's byte order, which
  ///   is little-endian on every machine this runs on
  static boolean meets(String local, String address) {
    var other = bytes(address);
    if (other.length == 0 || isWildcard(other)) {
      return true;
    }
    var own = HexFormat.of().parseHex(local);
    for (var word = 0; word + 3 < own.length; word += 4) {
      swap(own, word, word + 3);
      swap(own, word + 1, word + 2);
    }
    if (isWildcard(own)) {
      return true;
    }
    // An IPv4 address may stand in the table of IPv6.
    var tail = own.length > other.length ? Arrays.copyOfRange(own, 12, 16) : own;
    return Arrays.equals(tail, other);
  }

  private static void swap(byte[] bytes, int one, int other) {
    var kept = bytes[one];
    bytes[one] = bytes[other];
    bytes[other] = kept;
  }

  private static boolean isWildcard(byte[] address) {
    for (var b : address) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /// No name is looked up: what is no address counts for any.
  private static byte[] bytes(String address) {
    try {
      return address.isEmpty() ? new byte[0] : InetAddress.ofLiteral(address).getAddress();
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private static Optional<String> processWith(Set<String> sockets) {
    try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (var process : processes) {
        if (holds(process, sockets)) {
          var name = Files.readString(process.resolve("comm")).strip();
          return Optional.of(name + " (pid " + process.getFileName() + ")" + explained(name));
        }
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /// Docker's own process, one for each port that a container publishes, which outlives some
  /// faults.
  static String explained(String name) {
    return name.equals("docker-proxy")
        ? ", Docker's own: if no container in `docker ps` has the port, restart docker"
        : "";
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
