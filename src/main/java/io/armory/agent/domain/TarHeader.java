package io.armory.agent.domain;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// The header of one file in a POSIX archive (ustar, POSIX.1-1988): the content follows, filled up
/// to whole blocks, and [#end] after the last file.
public final class TarHeader {
  public static final int BLOCK = 512;

  private static final int LONGEST_NAME = 100;
  private static final int CHECKSUM = 148;

  /// Eleven octal digits.
  private static final long MOST_BYTES = 0x1_ffff_ffffL;

  private TarHeader() {}

  /// What is written after the last file.
  public static byte[] end() {
    return new byte[2 * BLOCK];
  }

  /// What fills a content of this length up.
  public static byte[] padding(long length) {
    return new byte[(int) ((BLOCK - length % BLOCK) % BLOCK)];
  }

  /// A file with mode 0600.
  ///
  /// @throws IllegalArgumentException the name or the content is too long for this form
  public static byte[] file(String name, long length, int uid, int gid, Instant at) {
    var path = name.getBytes(StandardCharsets.UTF_8);
    if (path.length > LONGEST_NAME) {
      throw new IllegalArgumentException("a name too long for an archive: " + name);
    }
    if (length > MOST_BYTES) {
      throw new IllegalArgumentException(name + " has more than 8 GiB");
    }
    var header = new byte[BLOCK];
    System.arraycopy(path, 0, header, 0, path.length);
    octal(header, 100, 8, 0600);
    octal(header, 108, 8, uid);
    octal(header, 116, 8, gid);
    octal(header, 124, 12, length);
    octal(header, 136, 12, at.getEpochSecond());
    header[156] = '0';
    ascii(header, 257, "ustar\0" + "00");
    sum(header);
    return header;
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
}
