package io.armory.agent.domain;

import java.time.Duration;
import java.time.Instant;

/// How a container's life ended, or is about to, where more is known of it than its exit code.
///
/// @param what in words that follow the container's name: "was killed by hand (signal 9)"
/// @param at when it was told to end or, if it has ended since, when it did
/// @param gently it was given time for that
public record Death(String what, By by, Instant at, boolean gently) {
  /// Whoever stops a container by hand is about to start or to remove it himself, or not.
  private static final Duration LEFT = Duration.ofSeconds(1);

  /// One whose time says nothing.
  public Death(String what, By by) {
    this(what, by, Instant.MIN, false);
  }

  /// Who ended it.
  public enum By {
    ITSELF,
    /// The kernel, for want of memory.
    KERNEL,
    /// Somebody at the node: `docker stop`, `docker kill`, `docker rm`.
    HAND,
    /// The engine, which went down itself.
    ENGINE,
    /// The agent, on purpose: that is no failure.
    AGENT
  }

  /// Until when what was stopped by hand is left to whoever did it.
  public Instant leftUntil() {
    return by == By.HAND && gently ? at.plus(LEFT) : Instant.MIN;
  }

  public Death at(Instant other) {
    return new Death(what, by, other, gently);
  }
}
