package io.armory.agent.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/// Tells somebody who waits how far it is: how many are there, after how long, and what the rest
/// does, whenever that changes, and every 30 s though it does not. Of a pull each tenth is a
/// change.
public final class ProgressLine {
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final Consumer<String> out;
  private final Instant began;
  private Instant toldAt;
  private String told = "";

  public ProgressLine(Consumer<String> out, Instant began) {
    this.out = out;
    this.began = began;
    this.toldAt = began;
  }

  /// @param count such as `3 of 9 services up`
  /// @param doing what the rest does; empty: there is nothing to be said
  public void tell(String count, String doing, Instant now) {
    var coarse = tenths(doing);
    var isNews = !(count + coarse).equals(told) || !now.isBefore(toldAt.plus(SILENCE));
    if (coarse.isEmpty() || !isNews) {
      return;
    }
    told = count + coarse;
    toldAt = now;
    var time = elapsed(now);
    out.accept((count.isEmpty() ? time : count + ", " + time) + ": " + coarse);
  }

  private String elapsed(Instant now) {
    var time = Duration.between(began, now);
    return time.toMinutes() > 0
        ? "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart())
        : Math.max(0, time.toSeconds()) + " s";
  }

  private static String tenths(String doing) {
    return doing.replaceAll("(\\d*)\\d( %)", "$10$2").replaceAll("\\d+ of (\\d+) layers, ", "");
  }
}
