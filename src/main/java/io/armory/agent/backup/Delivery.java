package io.armory.agent.backup;

import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.S3Address;
import io.armory.agent.port.BackupVault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Where backups go to, and come from: files, and objects of S3.
///
/// @param vault asked when an address is one of S3; empty: AWS is not used
/// @param scratch the directory for what is on its way; made when missing
public record Delivery(Backup backup, Supplier<Optional<BackupVault>> vault, Path scratch) {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String SUFFIX = ".zip";

  /// @param address where the backup is
  /// @param words what is in it
  public record Delivered(String address, String words) {}

  /// @param to a directory, a file, or `s3://BUCKET[/PREFIX]`, of which one that ends in `.zip` is
  ///   the object itself
  public Outcome<Delivered> make(
      NodeStores node, String to, Instant now, Consumer<String> progress) {
    var name = name(node, now);
    if (!S3Address.isMeant(to)) {
      var file = file(to, name);
      return made(Optional.ofNullable(file.getParent()).orElse(file))
          .flatMap(_ -> backup.write(node, file, now, progress))
          .map(words -> new Delivered(file.toString(), words));
    }
    var place = S3Address.parse(to).map(a -> a.of(name, SUFFIX));
    if (place.isEmpty()) {
      return Outcome.failed(Kind.INVALID, to + " is not s3://BUCKET/KEY");
    }
    var object = place.get();
    var file = scratch.resolve(name);
    try {
      return made(scratch)
          .flatMap(_ -> opened(vault))
          .flatMap(_ -> backup.write(node, file, now, progress))
          .flatMap(words -> {
            progress.accept("sending it to s3://" + object.bucket());
            return send(vault, file, object).map(address -> new Delivered(address, words));
          });
    } finally {
      remove(file);
    }
  }

  /// Any file, such as a support bundle.
  public static Outcome<String> send(
      Supplier<Optional<BackupVault>> vault, Path file, S3Address to) {
    return opened(vault).flatMap(v -> v.put(to.bucket(), to.key(), file));
  }

  private static Path file(String to, String name) {
    var path = Path.of(to).toAbsolutePath().normalize();
    return to.endsWith("/") || Files.isDirectory(path) ? path.resolve(name) : path;
  }

  static String name(NodeStores node, Instant now) {
    return "armory-agent-backup-%s-%s-%s%s"
        .formatted(
            node.stack(),
            node.instance().replaceAll("[^A-Za-z0-9.-]", "_"),
            STAMP.format(now),
            SUFFIX);
  }

  /// A copy of an archive in a directory of the daemon's, for that alone to read.
  ///
  /// @param from a file, or `s3://BUCKET/KEY`
  /// @return its name there
  public static Outcome<String> fetch(
      Supplier<Optional<BackupVault>> vault,
      Path directory,
      String from,
      Consumer<String> progress) {
    var name = "restore-" + ProcessHandle.current().pid() + SUFFIX;
    var file = directory.resolve(name);
    if (S3Address.isMeant(from)) {
      var object = S3Address.parse(from).filter(a -> !a.key().isEmpty());
      return object.isPresent()
          ? made(directory)
              .flatMap(_ -> opened(vault))
              .flatMap(v -> {
                progress.accept("fetching " + from);
                return empty(file)
                    .flatMap(_ -> v.get(object.get().bucket(), object.get().key(), file));
              })
              .map(_ -> name)
          : Outcome.failed(Kind.INVALID, from + " is not s3://BUCKET/KEY");
    }
    if (!Files.isRegularFile(Path.of(from))) {
      return Outcome.failed(Kind.INVALID, "there is no file " + from);
    }
    return made(directory)
        .flatMap(_ -> empty(file))
        .flatMap(_ -> {
          try (var out = Files.newOutputStream(file)) {
            Files.copy(Path.of(from), out);
            return Outcome.done(name);
          } catch (IOException e) {
            return Outcome.failed(Kind.DENIED, from + " cannot be read: " + Archive.reason(e));
          }
        });
  }

  private static Outcome<Path> empty(Path file) {
    try {
      Files.deleteIfExists(file);
      var mode = PosixFilePermissions.fromString("rw-------");
      Files.createFile(file, PosixFilePermissions.asFileAttribute(mode));
      // Whose the directory is, that is the daemon.
      var directory = file.toAbsolutePath().getParent();
      if (directory != null) {
        Files.setOwner(file, Files.getOwner(directory));
      }
      return Outcome.done(file);
    } catch (IOException e) {
      return Outcome.failed(Kind.DENIED, "cannot write " + file + ": " + Archive.reason(e));
    }
  }

  private static Outcome<Path> made(Path directory) {
    try {
      var above = directory.toAbsolutePath().getParent();
      if (!Files.isDirectory(directory)) {
        var mode = PosixFilePermissions.fromString("rwx------");
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(mode));
        if (above != null) {
          Files.setOwner(directory, Files.getOwner(above));
        }
      }
      return Outcome.done(directory);
    } catch (IOException e) {
      return Outcome.failed(Kind.DENIED, "cannot write to " + directory + ": " + Archive.reason(e));
    }
  }

  private static Outcome<BackupVault> opened(Supplier<Optional<BackupVault>> vault) {
    return vault
        .get()
        .map(Outcome::done)
        .orElseGet(() ->
            Outcome.failed(
                Kind.INVALID, "AWS is not used: set aws: on in agent.yaml, or name a file"));
  }

  /// What is on its way goes, if it is there.
  public static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // It is overwritten by the next of its name, or stays where nobody else reads it.
    }
  }
}
