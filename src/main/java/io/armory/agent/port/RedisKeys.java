package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/// Keys of a Redis, carried from one to another without understanding them. Nothing throws.
public interface RedisKeys {

  /// Writes all keys of these patterns, each as it is at one moment.
  ///
  /// @return how many
  Outcome<Integer> save(RemoteRedis from, List<String> patterns, OutputStream to);

  /// How many of the keys that were saved are there already.
  Outcome<Integer> present(RemoteRedis in, InputStream saved);

  /// Writes what was saved.
  ///
  /// @param replace what is there already; else the first such key ends it as a failure
  /// @return how many
  Outcome<Integer> load(RemoteRedis into, InputStream saved, boolean replace);
}
