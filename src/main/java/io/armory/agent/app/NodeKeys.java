package io.armory.agent.app;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.StateStore;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;

/// The node's key for digests of secrets, made once: a digest in a container's label must not let
/// anybody guess the secret, and must stay the same, or every container with one is replaced.
final class NodeKeys {
  private static final String NAME = "digest-key";
  private static final int BYTES = 32;

  private NodeKeys() {}

  static Outcome<String> digestKey(StateStore state) {
    return state
        .load(NAME)
        .flatMap(kept ->
            kept.map(b -> Outcome.done(new String(b, StandardCharsets.US_ASCII)))
                .orElseGet(() -> make(state)));
  }

  private static Outcome<String> make(StateStore state) {
    var bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    var key = HexFormat.of().formatHex(bytes);
    return state.save(NAME, key.getBytes(StandardCharsets.US_ASCII)).map(_ -> key);
  }
}
