package io.armory.agent.reconcile.observe;

import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.plan.PlanInput.Delay;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Containers that somebody at the node has paused, as one does for a copy of their files: left for
/// a while, in maintenance until its end. Owned by the loop's thread.
public final class PausedContainers {
  static final Duration LEFT = Duration.ofSeconds(60);

  /// Container ID → since when, as far as it was seen.
  private final Map<String, Instant> since = new HashMap<>();

  public void looked(Observed observed, Instant now) {
    var paused =
        observed.containers().stream()
            .filter(c -> c.state() == State.PAUSED)
            .map(Container::id)
            .collect(Collectors.toSet());
    since.keySet().retainAll(paused);
    paused.forEach(id -> since.putIfAbsent(id, now));
  }

  public void clockSet(Duration by) {
    since.replaceAll((id, at) -> at.plus(by));
  }

  public boolean isAny() {
    return !since.isEmpty();
  }

  /// Until when each is left alone, by container ID.
  public Map<String, Delay> delays(Optional<Maintenance> maintenance, Instant now) {
    var all = new HashMap<String, Delay>();
    since.forEach((id, from) -> {
      var usual = from.plus(LEFT);
      var until = maintenance.map(Maintenance::until).filter(usual::isBefore).orElse(usual);
      var why =
          "paused by hand %d s ago; the agent resumes it in %d s%s"
              .formatted(
                  seconds(from, now),
                  seconds(now, until),
                  until.equals(usual) ? "" : ", with the end of the maintenance");
      all.put(id, new Delay(until, why));
    });
    return all;
  }

  private static long seconds(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toSeconds());
  }
}
