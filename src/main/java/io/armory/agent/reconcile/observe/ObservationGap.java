package io.armory.agent.reconcile.observe;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// From the loss of the engine's event stream, or a look that fails, to the next one that succeeds:
/// the engine may be halted, or on its way down or up, and takes the containers' names and
/// addresses with it for that time. Nothing is decided meanwhile. Owned by the loop's thread.
final class ObservationGap {
  private @Nullable Instant since;
  private long latestLook;

  /// @param sequence of the newest look that has begun
  /// @param now when it came up, unless it has already
  void begin(long sequence, Instant now) {
    if (since == null) {
      since = now;
    }
    latestLook = sequence;
  }

  /// A look has succeeded.
  ///
  /// @return since when it was in doubt, if this look ends the doubt
  Optional<Instant> looked(long sequence) {
    var began = since;
    if (began == null || sequence <= latestLook) {
      return Optional.empty();
    }
    since = null;
    return Optional.of(began);
  }

  boolean isThere() {
    return since != null;
  }
}
