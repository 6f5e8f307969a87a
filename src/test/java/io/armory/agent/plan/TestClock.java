package io.armory.agent.plan;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A clock that a test moves.
final class TestClock implements InstantSource {
  static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
  private Instant now = START;

  @Override
  public Instant instant() {
    return now;
  }

  void advance(Duration by) {
    now = now.plus(by);
  }
}
