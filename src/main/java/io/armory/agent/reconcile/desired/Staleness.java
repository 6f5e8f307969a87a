package io.armory.agent.reconcile.desired;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Since when the sources cannot be read, which is when they last could. Owned by the loop's
/// thread.
final class Staleness {
  private @Nullable Instant lastRead;
  private @Nullable Instant since;

  /// They were last read by an agent before this one, and its clock.
  private boolean readBefore;

  void readBefore(Instant at) {
    lastRead = at;
    readBefore = true;
  }

  void read(Instant now) {
    lastRead = now;
    readBefore = false;
    since = null;
  }

  void unreadable(Instant now) {
    if (since == null) {
      since = lastRead == null ? now : lastRead;
    }
  }

  void clockSet(Duration by) {
    if (!readBefore) {
      lastRead = lastRead == null ? null : lastRead.plus(by);
      since = since == null ? null : since.plus(by);
    }
  }

  Optional<Instant> lastRead() {
    return Optional.ofNullable(lastRead);
  }

  /// Empty: they can be read.
  Optional<Instant> since() {
    return Optional.ofNullable(since);
  }
}
