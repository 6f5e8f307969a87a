package io.armory.agent.health;

import io.armory.agent.domain.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How long a container may take to open its port. While it visibly works it is left alone for
/// [#MOST], and so is one of which nobody can tell; one that does nothing has its start period,
/// which doubles with each start in vain. Pure.
///
/// @param startPeriod as its service says
/// @param vain starts of the same definition before this one that were ended without a port
/// @param sign of this one
public record SlowStart(Duration startPeriod, int vain, Sign sign) {
  public static final Duration MOST = Duration.ofMinutes(15);

  /// Of one processor: more than an idle JVM uses.
  private static final double WORK = 0.03;

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);
  private static final Duration SHORTEST_LOOK = Duration.ofSeconds(1);

  /// What shows whether it works, once its start period is over.
  public enum Sign {
    /// Nobody has looked for long enough yet.
    UNSEEN,
    WORKS,
    /// It used no processor worth the name, and wrote nothing.
    NONE,
    /// The engine does not say.
    UNKNOWN
  }

  /// What the engine tells of a container at one time.
  ///
  /// @param processor time used since its start; empty: it does not say
  /// @param lastLine when it last wrote one; empty: none, or it does not say
  public record Seen(Instant at, Optional<Duration> processor, Optional<Instant> lastLine) {}

  public static Sign between(Seen before, Seen after) {
    var wrote =
        after.lastLine().filter(l -> before.lastLine().filter(l::equals).isEmpty()).isPresent();
    if (wrote) {
      return Sign.WORKS;
    }
    if (before.processor().isEmpty() || after.processor().isEmpty()) {
      return Sign.UNKNOWN;
    }
    var used = after.processor().get().minus(before.processor().get());
    var enough = Duration.between(before.at(), after.at()).toNanos() * WORK;
    return used.toNanos() > enough ? Sign.WORKS : Sign.NONE;
  }

  /// From one look at what it does to the next.
  public Duration lookEvery() {
    var part = startPeriod.dividedBy(6);
    var least = part.compareTo(SHORTEST_LOOK) < 0 ? SHORTEST_LOOK : part;
    return least.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : least;
  }

  /// The start period of this start.
  public Duration period() {
    return new Backoff(startPeriod, most()).after(vain + 1);
  }

  /// So long nothing is done about it.
  public Duration allowed() {
    return sign == Sign.NONE ? period() : most();
  }

  private Duration most() {
    return startPeriod.compareTo(MOST) < 0 ? MOST : startPeriod;
  }

  /// How it is, in words.
  ///
  /// @param closed the words of the question that was not answered
  public String words(int port, Duration up, String closed) {
    if (up.compareTo(period()) < 0 && vain == 0) {
      return closed;
    }
    var start = vain == 0 ? "" : ", " + ordinal(vain + 1) + " start";
    var after = "port %d not open yet after %d s".formatted(port, up.toSeconds());
    if (up.compareTo(allowed()) >= 0) {
      return "port %d did not open in %d s%s%s"
          .formatted(
              port,
              up.toSeconds(),
              sign == Sign.NONE ? ", and nothing shows that it works" : "",
              start);
    }
    if (up.compareTo(period()) < 0) {
      return "%s; given up to %d s%s".formatted(after, period().toSeconds(), start);
    }
    var works =
        switch (sign) {
          case WORKS -> ", still working";
          case UNKNOWN -> ", whether it works is not known";
          case UNSEEN, NONE -> ", it is watched whether it works";
        };
    return "%s%s; given up to %d s%s".formatted(after, works, allowed().toSeconds(), start);
  }

  private static String ordinal(int n) {
    var teen = n % 100 / 10 == 1;
    return n
        + switch (teen ? 0 : n % 10) {
          case 1 -> "st";
          case 2 -> "nd";
          case 3 -> "rd";
          default -> "th";
        };
  }
}
