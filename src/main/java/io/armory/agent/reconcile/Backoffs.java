package io.armory.agent.reconcile;

import io.armory.agent.plan.Situation.Delay;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Exponential, capped, jittered backoff by subject. The first repair is immediate; it never gives
/// up; it is forgotten once the subject has been well for long enough.
final class Backoffs {
  private static final Duration WELL_AT_LEAST = Duration.ofSeconds(10);

  private final Duration first;
  private final Duration most;
  private final RandomGenerator random;
  private final Map<String, Entry> entries = new HashMap<>();

  /// @param failed the attempt itself failed: nothing of the subject is tried sooner
  private record Entry(int attempts, Duration delay, Instant until, String why, boolean failed) {
    /// No delay is longer than it was when it began: else the clock was set back.
    Instant until(Instant now) {
      return until.isAfter(now.plus(delay)) ? now : until;
    }
  }

  Backoffs(Duration first, Duration most, RandomGenerator random) {
    this.first = first;
    this.most = most;
    this.random = random;
  }

  /// An attempt is being made, or has failed: the next one waits longer.
  ///
  /// @param why what the attempt is for, shown while the next one waits
  void attempt(String subject, String why, Instant now) {
    add(subject, why, false, now);
  }

  /// An action failed.
  void failed(String subject, String why, Instant now) {
    add(subject, why, true, now);
  }

  private void add(String subject, String why, boolean failed, Instant now) {
    var before = entries.get(subject);
    var attempts = before == null ? 1 : before.attempts + 1;
    var plain = first.multipliedBy(1L << Math.min(attempts - 1, 10));
    var capped = plain.compareTo(most) > 0 ? most : plain;
    var delay = capped.plusMillis((long) (capped.toMillis() * 0.2 * random.nextDouble()));
    entries.put(subject, new Entry(attempts, delay, now.plus(delay), why, failed));
  }

  /// The same attempt is known to have failed: only the reason is new.
  void explain(String subject, String why) {
    entries.computeIfPresent(subject, (s, e) -> new Entry(e.attempts, e.delay, e.until, why, true));
  }

  void forget(String subject) {
    entries.remove(subject);
  }

  void forgetAll() {
    entries.clear();
  }

  /// The subject has been well since an instant.
  void well(String subject, Instant since, Instant now) {
    var entry = entries.get(subject);
    if (entry != null) {
      var enough = entry.delay.compareTo(WELL_AT_LEAST) > 0 ? entry.delay : WELL_AT_LEAST;
      if (!now.isBefore(since.plus(enough))) {
        entries.remove(subject);
      }
    }
  }

  int attempts(String subject) {
    var entry = entries.get(subject);
    return entry == null ? 0 : entry.attempts;
  }

  Map<String, Delay> delays(Instant now) {
    var all = new HashMap<String, Delay>();
    entries.forEach((s, e) -> all.put(s, new Delay(e.until(now), e.why, e.failed)));
    return all;
  }

  /// Subject → why its attempt was, or is to be, made anew.
  Map<String, String> reasons() {
    var all = new HashMap<String, String>();
    entries.forEach((s, e) -> all.put(s, e.why));
    return all;
  }

  /// When the next delay that is still running ends; [Instant#MAX] for none.
  Instant nextEnd(Instant now) {
    return entries.values().stream()
        .map(e -> e.until(now))
        .filter(now::isBefore)
        .min(Instant::compareTo)
        .orElse(Instant.MAX);
  }
}
