package io.armory.agent.reconcile.simulation;

import io.armory.agent.reconcile.ReconcilerClock.Tick;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/// A scheduler without threads: what is due next is run, and it is that time then.
final class VirtualTime {
  private static final Instant BEGIN = Instant.parse("2026-01-31T12:00:00Z");

  private record Due(Instant at, long order, Runnable task) {}

  private final PriorityQueue<Due> queue =
      new PriorityQueue<>(Comparator.comparing(Due::at).thenComparing(Due::order));
  private Instant steady = BEGIN;
  private Duration set = Duration.ZERO;
  private long order;

  void in(Duration delay, Runnable task) {
    queue.add(new Due(steady.plus(delay), order++, task));
  }

  Instant steady() {
    return steady;
  }

  /// What the node's clock says.
  Instant wall() {
    return steady.plus(set);
  }

  Duration passed() {
    return Duration.between(BEGIN, steady);
  }

  Tick tick() {
    return new Tick(wall(), steady);
  }

  /// Somebody sets the node's clock.
  void set(Duration by) {
    set = set.plus(by);
  }

  void runUntil(Duration end) {
    var until = BEGIN.plus(end);
    for (var next = queue.peek(); next != null && !next.at.isAfter(until); next = queue.peek()) {
      queue.remove();
      steady = next.at;
      next.task.run();
    }
    steady = until;
  }
}
