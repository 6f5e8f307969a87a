package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import java.nio.file.Path;

/// Buckets that keep backups and support bundles. Never throws.
public interface BackupVault {

  /// Writes an object whole or not at all.
  Outcome<String> put(String bucket, String key, Path file);

  /// Reads an object into a new file, which is its owner's alone.
  Outcome<String> get(String bucket, String key, Path file);
}
