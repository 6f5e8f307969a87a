package io.armory.agent.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock that goes as another does, and is turned forward by hand.
public final class TurnedClock implements InstantSource {
  private final InstantSource of;
  private volatile Duration ahead = Duration.ZERO;

  public TurnedClock(InstantSource of) {
    this.of = of;
  }

  public void turn(Duration by) {
    ahead = ahead.plus(by);
  }

  @Override
  public Instant instant() {
    return of.instant().plus(ahead);
  }
}
