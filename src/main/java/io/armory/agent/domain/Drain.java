package io.armory.agent.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The node's way out of service, wherever the wish comes from: not ready, the poller's duty given
/// up, work in hand awaited, everything stopped in reverse order. Immutable; survives the agent.
///
/// @param why in words, for every place that says the node is not ready
/// @param instance the instance it was begun on, empty outside AWS: an image made of a drained node
///   must not be born drained
/// @param waitUntil when work in hand is waited for no longer
/// @param stopBy when all has to be stopped; `null`: each service has its own grace period
/// @param doing what it waits for now, in words
/// @param forced work was cut off
public record Drain(
    Cause cause,
    String why,
    String instance,
    Instant since,
    Instant waitUntil,
    @Nullable Instant stopBy,
    Step step,
    String doing,
    boolean forced) {

  public enum Cause {
    /// The node's system shuts down; over when it has booted again.
    SHUTDOWN,
    /// `armory-agent drain`; undone by `armory-agent start`.
    OPERATOR,
    /// EC2 thinks an interruption is likely.
    REBALANCE,
    /// EC2 has something in its calendar for the instance.
    SCHEDULED,
    /// The group puts the instance into its warm pool.
    WARM_POOL,
    /// The group ends the instance.
    TERMINATION,
    /// Spot takes the instance back.
    SPOT
  }

  public enum Step {
    /// Not ready; the poller's duty is being given up.
    RESIGNING,
    /// No new work is taken; what runs is waited for.
    WAITING,
    STOPPING,
    STOPPED
  }

  /// From here on nothing of the stack is kept running.
  public boolean stops() {
    return step == Step.STOPPING || step == Step.STOPPED;
  }

  /// Somebody at the node may undo it; the others are not the node's to decide.
  public boolean isUndoable() {
    return cause == Cause.OPERATOR || cause == Cause.REBALANCE || cause == Cause.SCHEDULED;
  }

  public Optional<Instant> deadline() {
    return Optional.ofNullable(stopBy);
  }

  public Drain at(Step next, String words) {
    return new Drain(cause, why, instance, since, waitUntil, stopBy, next, words, forced);
  }

  public Drain forced(String words) {
    return new Drain(cause, why, instance, since, waitUntil, stopBy, step, words, true);
  }

  /// The same drain by a clock that was set: it began, and ends, as long ago, and as far ahead, as
  /// before. When EC2 takes the instance is said in clock time.
  public Drain clockSet(Duration by) {
    return cause == Cause.SPOT || cause == Cause.SCHEDULED
        ? this
        : new Drain(
            cause,
            why,
            instance,
            since.plus(by),
            waitUntil.plus(by),
            stopBy == null ? null : stopBy.plus(by),
            step,
            doing,
            forced);
  }

  /// The same drain with a weightier cause or an earlier end. Causes weigh in the order they are
  /// written in.
  public Drain merged(Drain other) {
    var weightier = other.cause.compareTo(cause) > 0 ? other : this;
    var stop =
        stopBy == null
            ? other.stopBy
            : other.stopBy == null || stopBy.isBefore(other.stopBy) ? stopBy : other.stopBy;
    var wait = other.waitUntil.isBefore(waitUntil) ? other.waitUntil : waitUntil;
    return new Drain(
        weightier.cause, weightier.why, instance, since, wait, stop, step, doing, forced);
  }
}
