package io.armory.agent.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock that goes as clocks do, and is turned forward by hand.
public final class TurnedClock implements InstantSource {
  private volatile Duration ahead = Duration.ZERO;

  public void turn(Duration by) {
    ahead = ahead.plus(by);
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(ahead);
  }
}
