package io.armory.agent.port;

import io.armory.agent.domain.Outcome;
import java.util.Optional;

/// Small named documents that survive the agent and the node, written atomically, checksummed, and
/// readable by the agent alone. A damaged one is set aside and reported, and reads as a failure.
public interface StateStore {

  /// @param name such as `revision`, `intents`, `maintenance`
  /// @return empty when it was never written
  Outcome<Optional<byte[]>> load(String name);

  Outcome<String> save(String name, byte[] content);

  Outcome<String> delete(String name);
}
