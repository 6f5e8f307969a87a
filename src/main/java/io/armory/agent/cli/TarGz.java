package io.armory.agent.cli;

import io.armory.agent.domain.TarHeader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/// Writes a gzipped POSIX archive (ustar, POSIX.1-1988) of text files. The file is new, and its
/// owner's alone from the first byte.
final class TarGz implements AutoCloseable {
  private final OutputStream out;
  private final Instant at;

  private TarGz(OutputStream out, Instant at) {
    this.out = out;
    this.at = at;
  }

  /// @param at what every file says when it was changed
  static TarGz create(Path file, Instant at) throws IOException {
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    var mode = PosixFilePermissions.fromString("rw-------");
    var channel = Files.newByteChannel(file, options, PosixFilePermissions.asFileAttribute(mode));
    return new TarGz(new GZIPOutputStream(Channels.newOutputStream(channel), 65_536), at);
  }

  void add(String name, String text) throws IOException {
    var content = text.getBytes(StandardCharsets.UTF_8);
    out.write(TarHeader.file(name, content.length, 0, 0, at));
    out.write(content);
    out.write(TarHeader.padding(content.length));
  }

  /// Two empty blocks end an archive.
  @Override
  public void close() throws IOException {
    try (out) {
      out.write(TarHeader.end());
    }
  }
}
