package io.armory.agent.backup;

import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.DataContainers;
import io.armory.agent.port.Front50;
import io.armory.agent.port.RedisKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Makes an archive of what this node alone keeps, while everything runs. Each part is of one
/// moment; Redis comes first, so that every pipeline an execution is of is in what follows.
///
/// @param version of the agent
public record Backup(String version, DataContainers data, Front50 front50, RedisKeys keys) {
  private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)+");

  /// Writes the archive, its owner's alone.
  ///
  /// @param progress one line at a time for the operator
  /// @return in words what is in it
  public Outcome<String> write(NodeStores node, Path file, Instant now, Consumer<String> progress) {
    var refused = refusal(node);
    if (refused != null) {
      return Outcome.failed(refused);
    }
    try (var archive = Archive.Writer.to(file)) {
      for (var store : LocalStore.values()) {
        if (node.has(store)) {
          progress.accept("reading " + store.service());
          var part = archive.add(store.part(), sink -> dump(node, store, sink));
          if (part instanceof Outcome.Failed<BackupManifest.Part>(var failure)) {
            return Outcome.failed(failure.saying("no backup: " + store.service() + ": "));
          }
        }
      }
      var left = movable(node, archive);
      left.lines().forEach(line -> progress.accept("not in it: " + line));
      archive.keep(
          new BackupManifest(
              BackupManifest.FORMAT,
              version,
              node.stack(),
              node.role(),
              node.instance(),
              node.release(),
              now,
              archive.parts()));
      return Outcome.done(words(archive));
    } catch (IOException e) {
      return Outcome.failed(Kind.TRANSIENT, "cannot write " + file + ": " + Archive.reason(e));
    }
  }

  private static @org.jspecify.annotations.Nullable Failure refusal(NodeStores node) {
    var any = false;
    for (var store : LocalStore.values()) {
      var container = node.container(store);
      any |= container.isPresent();
      if (container.isPresent() && !container.get().running()) {
        return new Failure(
            Kind.CONFLICT,
            "no backup: %s does not run; see armory-agent status".formatted(store.service()));
      }
    }
    return any
        ? null
        : new Failure(
            Kind.INVALID,
            "role %s keeps nothing on this node%s; back up the stores where they are"
                .formatted(
                    node.role(),
                    node.remote().map(r -> ": its Redis is " + r.address()).orElse("")));
  }

  private Outcome<String> dump(NodeStores node, LocalStore store, Archive.Sink sink) {
    var id = node.container(store).orElseThrow().id();
    return data.read(id, store.dump(), sink)
        .flatMap(said ->
            sink.head().startsWith(store.magic())
                ? version(id, store)
                : Outcome.failed(
                    Kind.BROKEN, "it gave no data" + (said.isEmpty() ? "" : ": " + said)));
  }

  private Outcome<String> version(String id, LocalStore store) {
    var out = new ByteArrayOutputStream();
    return data.read(id, store.version(), out)
        .map(_ -> {
          var number = NUMBER.matcher(out.toString(StandardCharsets.UTF_8));
          var name = store == LocalStore.REDIS ? "Redis" : "PostgreSQL";
          return number.find() ? name + " " + number.group() : name;
        });
  }

  /// What can be carried into other stores. Without it the archive is as good for this node.
  ///
  /// @return one line for each that could not be had
  private String movable(NodeStores node, Archive.Writer archive) throws IOException {
    var without = new StringBuilder();
    if (node.localRedis().isPresent()) {
      var redis = node.localRedis().get();
      var part =
          archive.add(
              BackupManifest.ORCA,
              sink -> keys.save(redis, CarryOver.ORCA_KEYS, sink).map(n -> n + " keys"));
      part.whyFailed().ifPresent(f -> without.append("orca, for another Redis: " + f.message()));
    }
    if (node.keepsObjects()) {
      var at = node.front50();
      var part =
          at.isEmpty()
              ? Outcome.<BackupManifest.Part>failed(Kind.NOT_FOUND, "front50 does not run")
              : archive.add(
                  BackupManifest.OBJECTS, sink -> new Front50Load(front50, at.get()).save(sink));
      part.whyFailed()
          .ifPresent(f -> without.append("\nfront50, for another store: " + f.message()));
    }
    return without.toString().strip();
  }

  private static String words(Archive.Writer archive) {
    var words = new StringBuilder();
    for (var part : archive.parts()) {
      words.append(words.isEmpty() ? "" : ", ");
      words.append("%s %s (%s)".formatted(part.name(), size(part.bytes()), part.madeBy()));
    }
    return words.toString();
  }

  static String size(long bytes) {
    return bytes < 1_000_000
        ? Math.max(1, bytes / 1000) + " kB"
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
