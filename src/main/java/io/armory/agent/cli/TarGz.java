package io.armory.agent.cli;

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
  private static final int BLOCK = 512;
  private static final int LONGEST_NAME = 100;
  private static final int CHECKSUM = 148;

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
    var path = name.getBytes(StandardCharsets.UTF_8);
    if (path.length > LONGEST_NAME) {
      throw new IOException("a name too long for an archive: " + name);
    }
    var content = text.getBytes(StandardCharsets.UTF_8);
    var header = new byte[BLOCK];
    System.arraycopy(path, 0, header, 0, path.length);
    octal(header, 100, 8, 0600);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    octal(header, 124, 12, content.length);
    octal(header, 136, 12, at.getEpochSecond());
    header[156] = '0';
    ascii(header, 257, "ustar\0" + "00");
    sum(header);
    out.write(header);
    out.write(content);
    out.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
  }

  /// Over the header with its own field as blanks.
  private static void sum(byte[] header) {
    ascii(header, CHECKSUM, " ".repeat(8));
    var sum = 0;
    for (var b : header) {
      sum += b & 0xff;
    }
    octal(header, CHECKSUM, 7, sum);
  }

  private static void octal(byte[] header, int at, int length, long number) {
    var digits = Long.toOctalString(number);
    ascii(header, at, "0".repeat(length - 1 - digits.length()) + digits + "\0");
  }

  private static void ascii(byte[] header, int at, String text) {
    var bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /// Two empty blocks end an archive.
  @Override
  public void close() throws IOException {
    try (out) {
      out.write(new byte[2 * BLOCK]);
    }
  }
}
