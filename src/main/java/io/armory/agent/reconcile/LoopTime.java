package io.armory.agent.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loop's time: the node's clock, compared at each reading with one that nobody sets. A clock
/// that is put right, after a boot or by hand, is no time that has passed: whoever counts from an
/// instant is told by how much to move it before anything is judged by the new time. What the world
/// names in clock time, such as the end of a maintenance, is not moved. On the loop's thread.
final class LoopTime {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");

  /// A clock that is only slewed gains far less between two passes of the loop.
  private static final Duration NEGLIGIBLE = Duration.ofSeconds(1);

  private final InstantSource clock;
  private final InstantSource steady;
  private final List<Consumer<Duration>> listeners = new ArrayList<>();
  private Duration ahead;

  /// @param steady goes on evenly whatever the clock is set to
  LoopTime(InstantSource clock, InstantSource steady) {
    this.clock = clock;
    this.steady = steady;
    this.ahead = Duration.between(steady.instant(), clock.instant());
  }

  /// Tells by how much the clock was set: negative, if back.
  void whenSet(Consumer<Duration> listener) {
    listeners.add(listener);
  }

  Instant now() {
    var even = steady.instant();
    var now = clock.instant();
    var aheadNow = Duration.between(even, now);
    var by = aheadNow.minus(ahead);
    ahead = aheadNow;
    if (by.abs().compareTo(NEGLIGIBLE) > 0) {
      LOG.warn(
          "the clock was set {} by {} s",
          by.isNegative() ? "back" : "forward",
          by.abs().toSeconds());
      listeners.forEach(l -> l.accept(by));
    }
    return now;
  }
}
