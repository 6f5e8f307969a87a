package io.armory.agent.adapter.docker.create;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// What the Go linker wrote into a program about the modules it is made of. The program is read,
/// never run. Formats: ELF64, and Go's `debug/buildinfo` as it is since Go 1.18.
final class GoBuildInfo {
  private static final String SECTION = ".go.buildinfo";
  private static final int HEADER = 64;
  private static final int SECTION_HEADER = 64;
  private static final int MOST = 1 << 20;

  /// Where the two strings begin, and the flag that says that they stand there.
  private static final int STRINGS = 32;

  private static final int INLINE = 2;

  /// The module information ends with as many bytes that only mark it.
  private static final int MARK = 16;

  private GoBuildInfo() {}

  /// The lines `path`, `mod`, `dep` and `build`; empty: there are none.
  static Optional<String> modules(Path program) throws IOException {
    try (FileChannel file = FileChannel.open(program, StandardOpenOption.READ)) {
      ByteBuffer head = read(file, 0, HEADER);
      if (head.limit() < HEADER || head.getInt(0) != 0x464c457f || head.get(4) != 2) {
        return Optional.empty();
      }
      return section(file, head).flatMap(GoBuildInfo::strings);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<ByteBuffer> section(FileChannel file, ByteBuffer head)
      throws IOException {
    long table = head.getLong(0x28);
    int count = Short.toUnsignedInt(head.getShort(0x3c));
    int names = Short.toUnsignedInt(head.getShort(0x3e));
    ByteBuffer sections = read(file, table, count * SECTION_HEADER);
    ByteBuffer text = content(file, sections, names);
    for (int i = 0; i < count; i++) {
      if (name(text, sections.getInt(i * SECTION_HEADER)).equals(SECTION)) {
        return Optional.of(content(file, sections, i));
      }
    }
    return Optional.empty();
  }

  private static ByteBuffer content(FileChannel file, ByteBuffer sections, int index)
      throws IOException {
    int at = index * SECTION_HEADER;
    long size = Math.clamp(sections.getLong(at + 0x20), 0L, MOST);
    return read(file, sections.getLong(at + 0x18), (int) size);
  }

  private static String name(ByteBuffer text, int from) {
    int to = from;
    while (text.get(to) != 0) {
      to++;
    }
    return StandardCharsets.US_ASCII.decode(text.slice(from, to - from)).toString();
  }

  private static Optional<String> strings(ByteBuffer info) {
    if ((info.get(15) & INLINE) == 0) {
      return Optional.empty();
    }
    info.position(STRINGS);
    int version = length(info);
    info.position(info.position() + version);
    int length = length(info) - 2 * MARK;
    if (length <= 0) {
      return Optional.empty();
    }
    ByteBuffer modules = info.slice(info.position() + MARK, length);
    return Optional.of(StandardCharsets.UTF_8.decode(modules).toString());
  }

  /// Seven bits a byte, the lowest first.
  private static int length(ByteBuffer info) {
    int length = 0;
    for (int shift = 0; shift < Integer.SIZE; shift += 7) {
      byte next = info.get();
      length |= (next & 0x7f) << shift;
      if (next >= 0) {
        return length;
      }
    }
    throw new IllegalArgumentException("no length");
  }

  private static ByteBuffer read(FileChannel file, long from, int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.max(0, size)).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = from; bytes.hasRemaining(); ) {
      int read = file.read(bytes, at);
      if (read < 0) {
        break;
      }
      at += read;
    }
    return bytes.flip();
  }
}
