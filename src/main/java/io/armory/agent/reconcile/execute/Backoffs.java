package io.armory.agent.reconcile.execute;

import io.armory.agent.domain.Backoff;
import io.armory.agent.plan.PlanInput.Delay;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Exponential, capped, jittered backoff by subject. The first repair is immediate; it never gives
/// up; it is forgotten once the subject has been well for long enough.
public final class Backoffs {
  private static final Duration WELL_AT_LEAST = Duration.ofSeconds(10);

  /// So many ends from outside, one soon after the other, cost no patience.
  private static final int EXCUSED_MOST = 3;

  private final Backoff backoff;
  private final RandomGenerator random;
  private final Map<String, Entry> entries = new HashMap<>();

  /// What an attempt says about the definition in force.
  public enum Sign {
    /// It fell over, or was ill: the attempt before was in vain.
    FELL,
    /// It is started for the first time, which is in vain if the engine refused the attempt before.
    FIRST,
    /// Nothing: it is the predecessor's, or somebody asked for it.
    NONE
  }

  /// What an attempt is to mend.
  ///
  /// @param excused it had not ended by itself: the engine went down, or somebody at the node
  ///   stopped it
  /// @param endedAt when it ended, as far as is known
  public record Mended(Sign sign, boolean excused, Instant endedAt) {}

  /// The falls of a subject by the fault of the definition in force, as far as it alone tells.
  ///
  /// @param last when the last of them was
  public record Fall(int times, Instant last) {}

  /// @param attempts in vain, the one under way with them
  /// @param fallen the attempts that came to nothing by the fault of the definition in force
  /// @param excused those that were not: what ended was ended from outside
  /// @param fellAt when the last of those ended
  /// @param failed the attempt itself failed: nothing of the subject is tried sooner
  private record Entry(
      int attempts,
      int fallen,
      Instant fellAt,
      int excused,
      Duration delay,
      Instant until,
      String why,
      boolean failed) {
    /// No delay is longer than it was when it began: else the clock was set back.
    Instant until(Instant now) {
      return until.isAfter(now.plus(delay)) ? now : until;
    }
  }

  Backoffs(Backoff backoff, RandomGenerator random) {
    this.backoff = backoff;
    this.random = random;
  }

  /// An attempt is being made, or has failed: the next one waits longer.
  ///
  /// @param why what the attempt is for, shown while the next one waits
  /// @param mended where it is excused, the one before was not in vain. The next one waits no
  ///   longer for that, unless it goes on: it may be what takes the engine down
  void attempt(String subject, String why, Mended mended, Instant now) {
    add(subject, why, mended, false, now);
  }

  /// An action failed.
  void failed(String subject, String why, Instant now) {
    add(subject, why, new Mended(Sign.FIRST, false, now), true, now);
  }

  private void add(String subject, String why, Mended mended, boolean failed, Instant now) {
    var before = entries.get(subject);
    var excused = mended.excused();
    var sign = mended.sign();
    var attempts = before == null ? 1 : before.attempts + (excused ? 0 : 1);
    var others = (before == null ? 0 : before.excused) + (excused ? 1 : 0);
    var fell = !excused && (sign == Sign.FELL || (sign == Sign.FIRST && isRefused(before)));
    var fallen = (before == null ? 0 : before.fallen) + (fell ? 1 : 0);
    var fellAt = fell ? mended.endedAt() : before == null ? Instant.MIN : before.fellAt;
    var tries = attempts + Math.max(0, others - EXCUSED_MOST);
    var delay = Backoff.spread(backoff.after(tries), 1, 1.2, random);
    entries.put(
        subject, new Entry(attempts, fallen, fellAt, others, delay, now.plus(delay), why, failed));
  }

  private static boolean isRefused(@Nullable Entry before) {
    return before != null && before.failed;
  }

  /// The same attempt is known to have failed: only the reason is new.
  void explain(String subject, String why) {
    entries.computeIfPresent(
        subject,
        (s, e) ->
            new Entry(e.attempts, e.fallen, e.fellAt, e.excused, e.delay, e.until, why, true));
  }

  public void forget(String subject) {
    entries.remove(subject);
  }

  public void forgetAll() {
    entries.clear();
  }

  /// The subject has been well since an instant. That says nothing of an action that failed beside
  /// it, as the making of a replacement does while the predecessor serves: its delay has to pass,
  /// and no other failure to come.
  public void well(String subject, Instant since, Instant now) {
    var entry = entries.get(subject);
    if (entry != null) {
      var enough = entry.delay.compareTo(WELL_AT_LEAST) > 0 ? entry.delay : WELL_AT_LEAST;
      var until = entry.until(now);
      var from = entry.failed && until.isAfter(since) ? until : since;
      if (!now.isBefore(from.plus(enough))) {
        entries.remove(subject);
      }
    }
  }

  /// In vain, one after the other; the one that is under way or the last with them.
  public int attempts(String subject) {
    var entry = entries.get(subject);
    return entry == null ? 0 : entry.attempts;
  }

  /// Those of these that came to nothing by the fault of the definition in force, by subject.
  public Map<String, Fall> falls() {
    var all = new HashMap<String, Fall>();
    entries.forEach((s, e) -> {
      if (e.fallen > 0) {
        all.put(s, new Fall(e.fallen, e.fellAt));
      }
    });
    return all;
  }

  public Map<String, Delay> delays(Instant now) {
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
  public Instant nextEnd(Instant now) {
    return entries.values().stream()
        .map(e -> e.until(now))
        .filter(now::isBefore)
        .min(Instant::compareTo)
        .orElse(Instant.MAX);
  }
}
