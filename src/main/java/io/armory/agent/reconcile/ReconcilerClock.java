package io.armory.agent.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The loop's time: the node's clock, compared at each reading with one that nobody sets. A clock
/// that is put right, after a boot or by hand, is no time that has passed: whoever counts from an
/// instant is told by how much to move it before anything is judged by the new time. What the world
/// names in clock time, such as the end of a maintenance, is not moved. On the loop's thread.
public final class ReconcilerClock {

  /// One moment by both clocks of the node. The core reads no clock: every call brings its tick.
  ///
  /// @param wall what the node's clock says; it may be set at any time
  /// @param steady goes on evenly whatever the clock is set to; only differences of it mean
  ///   anything
  public record Tick(Instant wall, Instant steady) {}

  /// A clock that is only slewed gains far less between two passes of the loop.
  private static final Duration NEGLIGIBLE = Duration.ofSeconds(1);

  /// Far more than there ever is between two passes of the loop: the agent, or the whole node,
  /// stood still.
  private static final Duration STANDSTILL = Duration.ofSeconds(15);

  private final Effects effects;
  private final List<Consumer<Duration>> listeners = new ArrayList<>();
  private final List<Consumer<Instant>> sleepers = new ArrayList<>();
  private Tick tick;

  ReconcilerClock(Tick begin, Effects effects) {
    this.tick = begin;
    this.effects = effects;
  }

  /// Tells by how much the clock was set: negative, if back.
  void whenSet(Consumer<Duration> listener) {
    listeners.add(listener);
  }

  /// Tells that nothing was done up to a moment, this one: the agent stood still.
  void whenStoodStill(Consumer<Instant> listener) {
    sleepers.add(listener);
  }

  /// It is this moment now.
  void advance(Tick to) {
    var by = ahead(to).minus(ahead(tick));
    var stood = Duration.between(tick.steady(), to.steady());
    tick = to;
    if (by.abs().compareTo(NEGLIGIBLE) > 0) {
      effects.warn(
          "the clock was set %s by %d s"
              .formatted(by.isNegative() ? "back" : "forward", by.abs().toSeconds()));
      listeners.forEach(l -> l.accept(by));
    }
    if (stood.compareTo(STANDSTILL) > 0) {
      effects.warn("stood still for %d s".formatted(stood.toSeconds()));
      sleepers.forEach(s -> s.accept(to.wall()));
    }
  }

  private static Duration ahead(Tick tick) {
    return Duration.between(tick.steady(), tick.wall());
  }

  Instant now() {
    return tick.wall();
  }

  Instant steady() {
    return tick.steady();
  }
}
