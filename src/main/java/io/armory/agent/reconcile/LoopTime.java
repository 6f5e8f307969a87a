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

  private static final Duration TOGETHER = Duration.ofMillis(250);

  private final InstantSource clock;
  private final InstantSource steady;
  private final List<Consumer<Duration>> listeners = new ArrayList<>();
  private Duration ahead;

  /// @param steady goes on evenly whatever the clock is set to
  LoopTime(InstantSource clock, InstantSource steady) {
    this.clock = clock;
    this.steady = steady;
    this.ahead = read().ahead();
  }

  private record Reading(Instant now, Duration ahead) {}

  /// Tells by how much the clock was set: negative, if back.
  void whenSet(Consumer<Duration> listener) {
    listeners.add(listener);
  }

  Instant now() {
    var reading = read();
    var by = reading.ahead().minus(ahead);
    ahead = reading.ahead();
    if (by.abs().compareTo(NEGLIGIBLE) > 0) {
      LOG.warn(
          "the clock was set {} by {} s",
          by.isNegative() ? "back" : "forward",
          by.abs().toSeconds());
      listeners.forEach(l -> l.accept(by));
    }
    return reading.now();
  }

  /// Two clocks are compared only if they were read in one go: a thread that a busy machine keeps
  /// from the second one would take its own delay for a clock that was set.
  private Reading read() {
    while (true) {
      var even = steady.instant();
      var now = clock.instant();
      if (Duration.between(even, steady.instant()).compareTo(TOGETHER) < 0) {
        return new Reading(now, Duration.between(even, now));
      }
    }
  }
}
