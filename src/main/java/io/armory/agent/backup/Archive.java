package io.armory.agent.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.BackupManifest.Part;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/// A backup as a file: a ZIP archive with an entry for each part, and the manifest as the last one.
/// It holds what people wrote into their pipelines, so it is its owner's alone from the first byte.
final class Archive {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_MANIFEST = 1024 * 1024;

  private Archive() {}

  // ---------------------------------------------------------------- writing

  /// Writes beside the file, and puts that in its place when all is there: an archive is whole, or
  /// there is none.
  static final class Writer implements AutoCloseable {
    private final Path file;
    private final Path temporary;
    private final FileChannel channel;
    private final ZipOutputStream zip;
    private final List<Part> parts = new ArrayList<>();
    private boolean kept;

    private Writer(Path file, Path temporary, FileChannel channel) {
      this.file = file;
      this.temporary = temporary;
      this.channel = channel;
      this.zip = new ZipOutputStream(Channels.newOutputStream(channel));
      // What Redis and pg_dump write is compressed already.
      zip.setLevel(Deflater.BEST_SPEED);
    }

    static Writer to(Path file) throws IOException {
      var temporary = file.resolveSibling("." + file.getFileName() + ".tmp~");
      Files.deleteIfExists(temporary);
      var mode = PosixFilePermissions.fromString("rw-------");
      var channel =
          FileChannel.open(
              temporary,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(mode));
      return new Writer(file, temporary, channel);
    }

    interface Source {
      /// @return by what it was made
      Outcome<String> writeTo(Sink sink);
    }

    Outcome<Part> add(String name, Source source) throws IOException {
      zip.putNextEntry(new ZipEntry(name));
      var sink = new Sink(zip);
      var made = source.writeTo(sink);
      zip.closeEntry();
      return made.map(by -> {
        var part = new Part(name, sink.bytes, sink.sha256(), by);
        parts.add(part);
        return part;
      });
    }

    List<Part> parts() {
      return List.copyOf(parts);
    }

    void keep(BackupManifest manifest) throws IOException {
      zip.putNextEntry(new ZipEntry(BackupManifest.ENTRY));
      zip.write(json(manifest));
      zip.closeEntry();
      zip.finish();
      zip.flush();
      channel.force(true);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      kept = true;
    }

    @Override
    public void close() throws IOException {
      channel.close();
      if (!kept) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  /// Counts what goes through, and remembers how it began.
  static final class Sink extends FilterOutputStream {
    private final MessageDigest digest = Archive.digest();
    private final byte[] head = new byte[16];
    private long bytes;

    private Sink(OutputStream to) {
      super(to);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      out.write(from, offset, length);
      digest.update(from, offset, length);
      for (var i = 0; i < length && bytes + i < head.length; i++) {
        head[(int) bytes + i] = from[offset + i];
      }
      bytes += length;
    }

    /// The archive goes on after it.
    @Override
    public void close() {}

    String head() {
      return new String(head, java.nio.charset.StandardCharsets.US_ASCII);
    }

    long bytes() {
      return bytes;
    }

    private String sha256() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  private static byte[] json(BackupManifest m) throws IOException {
    var tree = JSON.createObjectNode().put("format", m.format());
    tree.put("agentVersion", m.agentVersion()).put("stack", m.stack()).put("role", m.role());
    tree.put("instance", m.instance()).put("release", m.release()).put("at", m.at().toString());
    var parts = tree.putArray("parts");
    for (var p : m.parts()) {
      var part = parts.addObject().put("name", p.name()).put("bytes", p.bytes());
      part.put("sha256", p.sha256()).put("madeBy", p.madeBy());
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree);
  }

  // ---------------------------------------------------------------- reading

  /// What it says of itself, once every part is what the manifest says.
  ///
  /// @param from how whoever brought it names it
  static Outcome<BackupManifest> verified(Path file, String from) {
    try (var zip = open(file)) {
      var manifest = manifest(zip);
      if (manifest == null) {
        return invalid(from + " is no backup of armory-agent: it has no manifest that can be read");
      }
      if (manifest.format() > BackupManifest.FORMAT) {
        return invalid(
            "%s was made by armory-agent %s, and this one does not know its form: update this agent"
                .formatted(from, manifest.agentVersion()));
      }
      for (var part : manifest.parts()) {
        if (!isWhole(zip, part)) {
          return invalid(from + " is damaged: " + part.name() + " is not what its manifest says");
        }
      }
      return Outcome.done(manifest);
    } catch (IOException e) {
      return invalid(from + " cannot be read as a backup: " + reason(e));
    }
  }

  /// A pipe may never begin.
  private static ZipFile open(Path file) throws IOException {
    RegularFile.require(file);
    return new ZipFile(file.toFile());
  }

  private static boolean isWhole(ZipFile zip, BackupManifest.Part part) throws IOException {
    try {
      return part.sha256().equals(sha256(zip, part.name(), part.bytes()));
    } catch (ZipException e) {
      return false;
    }
  }

  /// The manifest alone; empty where there is none.
  static @Nullable BackupManifest glance(Path file) {
    try (var zip = open(file)) {
      return manifest(zip);
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable BackupManifest manifest(ZipFile zip) throws IOException {
    var entry = zip.getEntry(BackupManifest.ENTRY);
    if (entry == null) {
      return null;
    }
    try (var in = zip.getInputStream(entry)) {
      return manifest(JSON.readTree(in.readNBytes(MOST_MANIFEST)));
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static BackupManifest manifest(JsonNode tree) {
    var parts = new ArrayList<Part>();
    for (var p : tree.path("parts")) {
      parts.add(
          new Part(
              p.path("name").asText(),
              p.path("bytes").asLong(),
              p.path("sha256").asText(),
              p.path("madeBy").asText()));
    }
    return new BackupManifest(
        tree.path("format").asInt(Integer.MAX_VALUE),
        tree.path("agentVersion").asText(),
        tree.path("stack").asText(),
        tree.path("role").asText(),
        tree.path("instance").asText(),
        tree.path("release").asText(),
        Instant.parse(tree.path("at").asText()),
        parts);
  }

  /// Empty: there is none, or it is not of so many bytes, which a few can unfold to.
  private static String sha256(ZipFile zip, String name, long bytes) throws IOException {
    var entry = zip.getEntry(name);
    if (entry == null) {
      return "";
    }
    var digest = digest();
    try (var in = zip.getInputStream(entry)) {
      var buffer = new byte[64 * 1024];
      var left = bytes;
      for (var n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        left -= n;
        if (left < 0) {
          return "";
        }
      }
      if (left > 0) {
        return "";
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  interface Reader<T> {
    Outcome<T> read(InputStream part) throws IOException;
  }

  /// An archive that was found whole. Whoever may write there can put another one in its place
  /// meanwhile: no part is handed out that is not what was checked.
  record Checked(Path file, BackupManifest manifest) {

    <T> Outcome<T> part(String name, Reader<T> reader) {
      try (var zip = open(file)) {
        var part = manifest.part(name);
        if (part.isEmpty() || !isWhole(zip, part.get())) {
          return invalid(file + ": " + name + " is not what was checked: it was changed meanwhile");
        }
        try (var in = zip.getInputStream(zip.getEntry(name))) {
          return reader.read(in);
        }
      } catch (IOException e) {
        return invalid(file + ": " + name + " cannot be read: " + reason(e));
      }
    }

    /// A part as a file of its own, its owner's alone.
    Outcome<Path> extract(String name, Path to) {
      return part(
          name,
          in -> {
            Files.deleteIfExists(to);
            Files.createFile(
                to,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (var out = Files.newOutputStream(to)) {
              in.transferTo(out);
            }
            return Outcome.done(to);
          });
    }
  }

  private static <T> Outcome<T> invalid(String message) {
    return Outcome.failed(new Failure(Kind.INVALID, message));
  }

  static String reason(IOException e) {
    return e instanceof java.nio.file.FileSystemException fs
        ? (fs.getReason() == null ? fs.getClass().getSimpleName() : fs.getReason())
        : String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
