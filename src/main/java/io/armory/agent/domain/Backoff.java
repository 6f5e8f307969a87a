package io.armory.agent.domain;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Pauses from try to try, each twice the one before.
///
/// @param first pause, after the first try in vain
/// @param longest no pause is longer, the first one neither
public record Backoff(Duration first, Duration longest) {
  /// Doublings that a `long` has bits for.
  private static final int MOST_DOUBLINGS = 62;

  /// The pause after so many tries in vain; after none as after the first.
  public Duration after(int tries) {
    return doubled(first, Math.clamp(tries - 1L, 0, MOST_DOUBLINGS));
  }

  /// The pause that follows `pause`.
  public Duration longer(Duration pause) {
    return doubled(pause, 1);
  }

  private Duration doubled(Duration pause, int times) {
    var factor = 1L << times;
    return pause.compareTo(longest.dividedBy(factor)) > 0 ? longest : pause.multipliedBy(factor);
  }

  /// A pause times a number between two, so that many do not try together.
  public static Duration spread(Duration pause, double least, double most, RandomGenerator random) {
    return Duration.ofMillis((long) (pause.toMillis() * random.nextDouble(least, most)));
  }
}
