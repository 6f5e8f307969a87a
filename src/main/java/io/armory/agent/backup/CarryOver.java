package io.armory.agent.backup;

import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.port.Front50;
import io.armory.agent.port.RedisKeys;
import java.util.List;
import java.util.function.Consumer;

/// Loads an archive into stores that are not this node's own, beside what else is in them. Services
/// go on meanwhile: nothing they have is changed, unless that was asked for.
///
/// @param overwrite what is there already
record CarryOver(Front50 front50, RedisKeys keys, Archive.Checked archive, boolean overwrite) {
  /// Orca's executions, their indexes, its queue and what waits for it, as orca-redis and keiko
  /// name them. Other services' keys are caches, locks and sessions, which they make anew.
  static final List<String> ORCA_KEYS =
      List.of(
          "pipeline:*",
          "orchestration:*",
          "correlation:*",
          "allJobs:*",
          "buffered:*",
          "orca.*",
          "{orca.*");

  /// Why nothing may be loaded; done: it may.
  Outcome<String> objectsFit(NodeStores node) {
    return load(node)
        .flatMap(Front50Load::present)
        .flatMap(n ->
            n == 0 || overwrite
                ? Outcome.done("")
                : taken("front50 has %d applications and pipelines already".formatted(n)));
  }

  Outcome<String> keysFit(RemoteRedis redis) {
    return archive
        .part(BackupManifest.ORCA, in -> keys.present(redis, in))
        .flatMap(n ->
            n == 0 || overwrite
                ? Outcome.done("")
                : taken(
                    "%s has %d of orca's keys of the backup already"
                        .formatted(redis.address(), n)));
  }

  private static Outcome<String> taken(String what) {
    return Outcome.failed(
        Kind.CONFLICT,
        what + "; nothing was changed. With --overwrite the backup takes their place");
  }

  Outcome<String> objects(NodeStores node, Consumer<String> progress) {
    progress.accept("loading front50's objects");
    return load(node)
        .flatMap(load -> archive.part(BackupManifest.OBJECTS, load::load))
        .map(words -> words.isEmpty() ? "front50: nothing to load" : "front50: " + words);
  }

  Outcome<String> keys(RemoteRedis redis, Consumer<String> progress) {
    progress.accept("loading orca's executions into " + redis.address());
    return archive
        .part(BackupManifest.ORCA, in -> keys.load(redis, in, overwrite))
        .map(n -> "orca: %d keys in %s".formatted(n, redis.address()));
  }

  private Outcome<Front50Load> load(NodeStores node) {
    return node.front50()
        .map(at -> Outcome.done(new Front50Load(front50, at)))
        .orElseGet(() ->
            Outcome.failed(
                Kind.CONFLICT, "front50 does not run on this node; see armory-agent status"));
  }
}
