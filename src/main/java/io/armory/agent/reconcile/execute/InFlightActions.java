package io.armory.agent.reconcile.execute;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Which subjects an observation is too old to be judged by: those with an action under way, and
/// those whose last action ended after the observation began.
final class InFlightActions {
  private long clock;
  private final Map<String, Integer> underWay = new HashMap<>();
  private final Map<String, Long> endedAt = new HashMap<>();

  /// The sequence number of an observation that begins now.
  long begin() {
    return ++clock;
  }

  long now() {
    return clock;
  }

  void started(String subject) {
    underWay.merge(subject, 1, Integer::sum);
  }

  void ended(String subject) {
    underWay.computeIfPresent(subject, (s, n) -> n == 1 ? null : n - 1);
    endedAt.put(subject, ++clock);
  }

  boolean isIdle() {
    return underWay.isEmpty();
  }

  Set<String> underWay() {
    return Set.copyOf(underWay.keySet());
  }

  Set<String> busySince(long observation) {
    endedAt.values().removeIf(at -> at < observation);
    var busy = new HashSet<>(underWay.keySet());
    busy.addAll(endedAt.keySet());
    return busy;
  }
}
