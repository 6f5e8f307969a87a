package io.armory.agent.adapter.files;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// State on disk: `NAME`, and the copy before it as `NAME.previous`, both 0600. Each begins with a
/// line that says the content's length and SHA-256, so that a torn, truncated or altered file is
/// known for one. Such a file is set aside as `NAME.damaged-TIME`, reported, and the previous copy
/// takes its place where there is a good one.
///
/// @param directory made, 0700, when missing
/// @param report told of every damaged file, one line each
public record DiskStateStore(Path directory, InstantSource clock, Consumer<String> report)
    implements StateStore {

  private static final String MAGIC = "armory-agent-state 1 ";
  private static final int HEADER_LIMIT = 200;

  /// Of a content; no array is longer.
  private static final int LONGEST = Integer.MAX_VALUE - 1024;

  private static final int MODE = 0600;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Override
  public synchronized Outcome<Optional<byte[]>> load(String name) {
    try {
      var file = file(name);
      return switch (read(file)) {
        case Copy.Good good -> Outcome.done(Optional.of(good.content));
        case Copy.Missing() -> Outcome.done(Optional.empty());
        case Copy.Damaged(var why) -> recover(file, why);
      };
    } catch (IOException e) {
      return failed("read", name, e);
    }
  }

  @Override
  public synchronized Outcome<String> save(String name, byte[] content) {
    try {
      var file = file(name);
      Files.createDirectories(
          directory, PosixFilePermissions.asFileAttribute(AtomicWrite.permissions(0700)));
      keepPrevious(file);
      AtomicWrite.write(file, framed(content), MODE, -1);
      return Outcome.done(file.toString());
    } catch (IOException e) {
      return failed("save", name, e);
    }
  }

  @Override
  public synchronized Outcome<String> delete(String name) {
    try {
      var file = file(name);
      // The older copy first: interrupted between the two, the document is still whole.
      Files.deleteIfExists(previous(file));
      if (Files.deleteIfExists(file)) {
        AtomicWrite.syncDirectory(directory);
      }
      return Outcome.done(file.toString());
    } catch (IOException e) {
      return failed("delete", name, e);
    }
  }

  private Outcome<Optional<byte[]>> recover(Path file, String why) throws IOException {
    var aside = setAside(file);
    var previous = previous(file);
    var found = "state file " + file + " is damaged (" + why + "), set aside as " + aside;
    return switch (read(previous)) {
      case Copy.Good good -> {
        AtomicWrite.write(file, framed(good.content), MODE, -1);
        report.accept(found + "; the copy before it is used");
        yield Outcome.done(Optional.of(good.content));
      }
      case Copy.Missing() -> lost(found);
      case Copy.Damaged(var alsoWhy) -> {
        var alsoAside = setAside(previous);
        yield lost(found + "; the copy before it is, too (" + alsoWhy + "): " + alsoAside);
      }
    };
  }

  private Outcome<Optional<byte[]>> lost(String what) {
    report.accept(what);
    return Outcome.failed(Failure.Kind.INVALID, what);
  }

  private Path setAside(Path file) throws IOException {
    var base = file.getFileName() + ".damaged-" + STAMP.format(clock.instant());
    var aside = file.resolveSibling(base);
    for (var n = 2; Files.exists(aside); n++) {
      aside = file.resolveSibling(base + "-" + n);
    }
    Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
    AtomicWrite.syncDirectory(directory);
    return aside;
  }

  /// The present copy becomes the previous one, but only a good one may replace a good one, and
  /// there is no instant at which neither is there.
  private void keepPrevious(Path file) throws IOException {
    if (read(file) instanceof Copy.Good) {
      var link =
          file.resolveSibling("." + file.getFileName() + ".previous" + AtomicWrite.TEMPORARY);
      Files.deleteIfExists(link);
      Files.createLink(link, file);
      Files.move(link, previous(file), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static Path previous(Path file) {
    return file.resolveSibling(file.getFileName() + ".previous");
  }

  private Path file(String name) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException("not a name of state: " + name);
    }
    return directory.resolve(name);
  }

  private sealed interface Copy {
    final class Good implements Copy {
      private final byte[] content;

      Good(byte[] content) {
        this.content = content;
      }
    }

    record Damaged(String why) implements Copy {}

    record Missing() implements Copy {}
  }

  /// Nothing of a file is read that is not as long as its header says: it may never end.
  private static Copy read(Path file) throws IOException {
    if (Absence.isCertain(file)) {
      return new Copy.Missing();
    }
    if (!Files.isRegularFile(file)) {
      if (!Files.exists(file)) {
        throw Absence.noFile(file);
      }
      return new Copy.Damaged("it is no regular file");
    }
    try (var in = Files.newInputStream(file)) {
      var head = in.readNBytes(HEADER_LIMIT);
      var end = endOfHeader(head);
      if (end < 0) {
        return new Copy.Damaged(head.length == 0 ? "it is empty" : "it has no header");
      }
      var header = new String(head, 0, end, StandardCharsets.UTF_8);
      if (!header.startsWith(MAGIC)) {
        return new Copy.Damaged("its header is not known");
      }
      var length = Files.size(file) - end - 1;
      if (length > LONGEST || !header.startsWith(MAGIC + length + " ")) {
        return new Copy.Damaged("its content is not as long as its header says");
      }
      var content = Arrays.copyOfRange(head, end + 1, end + 1 + (int) length);
      var begun = Math.min(head.length - end - 1, content.length);
      var rest = in.readNBytes(content, begun, content.length - begun);
      return begun + rest == length && header.equals(header(content))
          ? new Copy.Good(content)
          : new Copy.Damaged("its content is not what its checksum says");
    } catch (NoSuchFileException e) {
      return new Copy.Missing();
    }
  }

  private static int endOfHeader(byte[] all) {
    for (var i = 0; i < Math.min(all.length, HEADER_LIMIT); i++) {
      if (all[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private static byte[] framed(byte[] content) {
    var all = new ByteArrayOutputStream(content.length + HEADER_LIMIT);
    all.writeBytes(header(content).getBytes(StandardCharsets.UTF_8));
    all.write('\n');
    all.writeBytes(content);
    return all.toByteArray();
  }

  private static String header(byte[] content) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(content);
      return MAGIC + content.length + " " + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  private <T> Outcome<T> failed(String verb, String name, IOException e) {
    return Outcome.failed(DiskFailure.of("cannot " + verb + " state " + name, e));
  }
}
