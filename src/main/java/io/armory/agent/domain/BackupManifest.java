package io.armory.agent.domain;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a backup says of itself: the entry `manifest.json` of the archive.
///
/// @param format of the archive; a later agent reads earlier ones
/// @param instance the node's, or its host name
/// @param release of Spinnaker, as the image of front50 tells it; empty: it does not
/// @param parts in the order in which they were taken
public record BackupManifest(
    int format,
    String agentVersion,
    String stack,
    String role,
    String instance,
    String release,
    Instant at,
    List<Part> parts) {

  public static final int FORMAT = 1;
  public static final String ENTRY = "manifest.json";

  /// All of the local Redis at one moment, as Redis itself writes it.
  public static final String REDIS = "redis.rdb";

  /// Orca's executions and queue, key by key, for a Redis that has others' keys, too.
  public static final String ORCA = "orca.keys";

  /// front50's local database at one moment, by pg_dump.
  public static final String DATABASE = "front50.dump";

  /// front50's objects as front50 itself gives them, for any store.
  public static final String OBJECTS = "front50.json";

  public BackupManifest {
    parts = List.copyOf(parts);
  }

  /// @param name of the entry
  /// @param madeBy what wrote it, such as `Redis 7.4.1`
  public record Part(String name, long bytes, String sha256, String madeBy) {}

  public Optional<Part> part(String name) {
    return parts.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  public boolean has(String name) {
    return part(name).isPresent();
  }
}
