package io.armory.agent.reconcile;

import io.armory.agent.plan.Situation.Death;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Why containers ended, as far as the engine's events tell: by the agent, by somebody at the node,
/// by the kernel, or by themselves. People ask "why was this restarted?".
final class Deaths {
  /// Docker gives containers 15 s by default when it is stopped.
  private static final Duration SHUTDOWN = Duration.ofSeconds(20);

  private final Map<String, Death> byContainer = new HashMap<>();
  private final Map<String, Instant> killedAt = new HashMap<>();
  private final Map<String, Death> removedByService = new HashMap<>();

  /// @param ours the agent itself is acting on this container, or removing it if it is gone
  void heard(EngineEvent event, boolean ours, Instant now) {
    switch (event.action()) {
      case "lost" -> engineWent(now);
      case "kill" -> {
        if (!ours) {
          byContainer.put(event.containerId(), new Death(killed(event.signal()), true));
          killedAt.put(event.containerId(), now);
        }
      }
      case "oom" ->
          byContainer.put(
              event.containerId(), new Death("was killed by the kernel: out of memory", false));
      case "start" -> {
        byContainer.remove(event.containerId());
        removedByService.remove(event.service());
      }
      case "destroy" -> {
        byContainer.remove(event.containerId());
        if (!ours) {
          removedByService.put(event.service(), new Death("container was removed by hand", true));
        }
      }
      default -> {}
    }
  }

  /// Container ID or, for a container that is gone, service → death.
  Map<String, Death> all() {
    var all = new HashMap<>(byContainer);
    all.putAll(removedByService);
    return all;
  }

  void retain(Set<String> containers) {
    byContainer.keySet().retainAll(containers);
    killedAt.keySet().retainAll(containers);
  }

  /// What looked like a hand a moment before was the engine, which stops its containers first.
  private void engineWent(Instant now) {
    killedAt.forEach((id, at) -> {
      if (at.plus(SHUTDOWN).isAfter(now) && byContainer.containsKey(id)) {
        byContainer.put(id, new Death("was stopped with the engine", false));
      }
    });
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
