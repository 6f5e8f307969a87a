package io.armory.agent.reconcile;

import io.armory.agent.domain.Death;
import io.armory.agent.domain.Death.By;
import io.armory.agent.domain.Observation.Container;
import io.armory.agent.domain.Observation.Observed;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Why containers ended, as far as the engine's events tell: by the agent, by somebody at the node,
/// by the kernel, or by themselves. People ask "why was this restarted?".
final class Deaths {
  /// Docker gives containers 15 s by default when it is stopped.
  private static final Duration SHUTDOWN = Duration.ofSeconds(20);

  private static final Death WITH_ENGINE = new Death("was stopped with the engine", By.ENGINE);

  private final OwnStops ownStops;
  private final Map<String, Death> byContainer = new HashMap<>();
  private final Map<String, Instant> killedAt = new HashMap<>();
  private final Map<String, Death> removedByService = new HashMap<>();

  Deaths(OwnStops ownStops) {
    this.ownStops = ownStops;
  }

  /// @param ours the agent itself is acting on this container, or removing it if it is gone
  void heard(EngineEvent event, boolean ours, Instant now) {
    switch (event.action()) {
      case "lost" -> engineWent(now);
      case "kill" -> {
        if (!ours && !ownStops.covers(event.containerId())) {
          byContainer.put(event.containerId(), new Death(killed(event.signal()), By.HAND));
          killedAt.put(event.containerId(), now);
        }
      }
      case "oom" ->
          byContainer.put(
              event.containerId(), new Death("was killed by the kernel: out of memory", By.ITSELF));
      case "start" -> {
        byContainer.remove(event.containerId());
        removedByService.remove(event.service());
      }
      case "destroy" -> {
        byContainer.remove(event.containerId());
        if (!ours) {
          removedByService.put(
              event.service(), new Death("container was removed by hand", By.HAND));
        }
      }
      default -> {}
    }
  }

  /// Container ID or, for a container that is gone, service → death.
  Map<String, Death> all() {
    var all = new HashMap<>(byContainer);
    all.putAll(removedByService);
    all.putAll(ownStops.deaths());
    return all;
  }

  /// @param running what the newest look found running: it was started again since, though the
  ///   engine's word of that may have been lost
  void retain(Set<String> containers, Set<String> running) {
    byContainer
        .entrySet()
        .removeIf(e -> e.getValue().by() == By.ENGINE && running.contains(e.getKey()));
    byContainer.keySet().retainAll(containers);
    killedAt.keySet().retainAll(containers);
  }

  /// What looked like a hand a moment before was the engine, which stops its containers first.
  private void engineWent(Instant now) {
    killedAt.forEach((id, at) -> {
      if (at.plus(SHUTDOWN).isAfter(now) && byContainer.containsKey(id)) {
        byContainer.put(id, WITH_ENGINE);
      }
    });
  }

  /// The engine was lost and is there again. One that takes its containers down with it takes down
  /// all of them, and tells nobody: what it killed when it came back, or lost in a crash, has sent
  /// no event. A stream that broke alone, or an engine that keeps them, leaves some running.
  ///
  /// @param wasGone looked for in vain meanwhile
  void engineCame(Observed before, Observed after, boolean wasGone) {
    var ran = before.containers().stream().filter(Container::running).toList();
    var survived = ran.stream().anyMatch(c -> runsOn(c, after));
    if (!survived && (wasGone || ran.size() > 1)) {
      ran.stream()
          .filter(c -> after.container(c.id()).filter(a -> !a.running()).isPresent())
          .forEach(c -> byContainer.putIfAbsent(c.id(), WITH_ENGINE));
    }
  }

  private static boolean runsOn(Container c, Observed after) {
    return after
        .container(c.id())
        .filter(a -> a.running() && Objects.equals(a.startedAt(), c.startedAt()))
        .isPresent();
  }

  /// Whether what is to be started now had not ended by itself.
  ///
  /// @param container its ID
  boolean isExcused(String container, String service) {
    var seen = byContainer.get(container);
    var death = seen == null ? removedByService.get(service) : seen;
    return ownStops.covers(container) || (death != null && death.by() != By.ITSELF);
  }

  void forget(String service) {
    removedByService.remove(service);
  }

  private static String killed(String signal) {
    return switch (signal) {
      case "15", "SIGTERM" -> "was stopped by hand (docker stop)";
      case "9", "SIGKILL" -> "was killed by hand (signal 9)";
      case "" -> "was killed by hand";
      default -> "was sent signal " + signal + " by hand";
    };
  }
}
