package io.armory.agent.reconcile.alert;

import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.Backoff;
import java.time.Duration;
import java.util.Set;

/// @param on what is told of
/// @param notReady how long the node may be not ready before that is told
/// @param disk percent in use from which a disk is told of
/// @param host the node's name
/// @param every time between two looks at the report
/// @param times when a condition counts as over
/// @param backoff after a failed delivery
public record AlertSettings(
    Set<Condition> on,
    Duration notReady,
    int disk,
    String host,
    Duration every,
    AlertLedger.Times times,
    Backoff backoff) {
  public AlertSettings {
    on = Set.copyOf(on);
  }

  /// With the times that a node has.
  public static AlertSettings usual(Set<Condition> on, Duration notReady, int disk, String host) {
    return new AlertSettings(
        on,
        notReady,
        disk,
        host,
        Duration.ofSeconds(1),
        AlertLedger.Times.USUAL,
        new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5)));
  }
}
