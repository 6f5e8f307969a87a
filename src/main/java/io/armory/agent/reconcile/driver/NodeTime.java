package io.armory.agent.reconcile.driver;

import io.armory.agent.reconcile.ReconcilerClock.Tick;
import java.time.Duration;
import java.time.InstantSource;

/// The node's clock beside one that nobody sets.
///
/// @param steady goes on evenly whatever the clock is set to
record NodeTime(InstantSource clock, InstantSource steady) {
  private static final Duration TOGETHER = Duration.ofMillis(250);

  /// Two clocks are compared only if they were read in one go: a thread that a busy machine keeps
  /// from the second one would take its own delay for a clock that was set.
  Tick read() {
    while (true) {
      var even = steady.instant();
      var now = clock.instant();
      if (Duration.between(even, steady.instant()).compareTo(TOGETHER) < 0) {
        return new Tick(now, even);
      }
    }
  }
}
