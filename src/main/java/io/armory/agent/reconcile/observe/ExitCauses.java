package io.armory.agent.reconcile.observe;

import io.armory.agent.domain.Death;
import io.armory.agent.domain.Death.By;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Why containers ended, as far as the engine's events tell: by the agent, by somebody at the node,
/// by the kernel, or by themselves. People ask "why was this restarted?".
public final class ExitCauses {
  /// Docker gives containers 15 s by default when it is stopped.
  private static final Duration SHUTDOWN = Duration.ofSeconds(20);

  /// What runs on for so long after a signal, or after the kernel killed something in it, outlived
  /// that.
  private static final Duration EFFECT = Duration.ofMinutes(5);

  private static final Death WITH_ENGINE = new Death("was stopped with the engine", By.ENGINE);

  private final IntendedStops ownStops;
  private final Map<String, Death> byContainer = new HashMap<>();
  private final Map<String, Death> removedByService = new HashMap<>();

  ExitCauses(IntendedStops ownStops) {
    this.ownStops = ownStops;
  }

  /// @param ours the agent itself is acting on this container, or removing it if it is gone
  void heard(EngineEvent event, boolean ours, Instant now) {
    switch (event.action()) {
      case "lost" -> engineWent(now);
      case "kill" -> {
        if (!ours && !ownStops.covers(event.containerId())) {
          byContainer.merge(event.containerId(), byHand(event.signal(), now), ExitCauses::together);
        }
      }
      case "oom" ->
          byContainer.put(
              event.containerId(),
              new Death("was killed by the kernel: out of memory", By.KERNEL).at(now));
      case "die" ->
          byContainer.computeIfPresent(
              event.containerId(), (id, d) -> d.by() == By.HAND ? d.at(now) : d);
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
  public Map<String, Death> all() {
    var all = new HashMap<>(byContainer);
    all.putAll(removedByService);
    all.putAll(ownStops.deaths());
    return all;
  }

  /// @param running what the newest look found running: it was started again since, though the
  ///   engine's word of that may have been lost; or it outlived what befell it
  void retain(Set<String> containers, Set<String> running, Instant now) {
    byContainer.entrySet().removeIf(e -> running.contains(e.getKey()) && isOver(e.getValue(), now));
    byContainer.keySet().retainAll(containers);
  }

  private static boolean isOver(Death death, Instant now) {
    return death.by() == By.ENGINE || death.at().plus(EFFECT).isBefore(now);
  }

  void clockSet(Duration by) {
    byContainer.replaceAll((id, d) -> d.by() == By.ENGINE ? d : d.at(d.at().plus(by)));
  }

  /// What looked like a hand a moment before was the engine, which stops its containers first.
  private void engineWent(Instant now) {
    byContainer.replaceAll(
        (id, d) -> d.by() == By.HAND && d.at().plus(SHUTDOWN).isAfter(now) ? WITH_ENGINE : d);
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
  public boolean isExcused(String container, String service) {
    var seen = byContainer.get(container);
    var death = seen == null ? removedByService.get(service) : seen;
    return ownStops.covers(container)
        || (death != null && death.by() != By.ITSELF && death.by() != By.KERNEL);
  }

  /// From when on something that was left to who stopped it is no longer; [Instant#MAX] for none.
  public Instant nextEnd(Instant now) {
    return byContainer.values().stream()
        .map(Death::leftUntil)
        .filter(now::isBefore)
        .min(Instant::compareTo)
        .orElse(Instant.MAX);
  }

  private static Death byHand(String signal, Instant now) {
    return switch (signal) {
      case "15", "SIGTERM" -> new Death("was stopped by hand (docker stop)", By.HAND, now, true);
      case "9", "SIGKILL" -> new Death("was killed by hand (signal 9)", By.HAND, now, false);
      case "" -> new Death("was killed by hand", By.HAND, now, false);
      default -> new Death("was sent signal " + signal + " by hand", By.HAND, now, true);
    };
  }

  /// What is killed in the end because it took too long to stop was stopped.
  private static Death together(Death before, Death now) {
    return before.by() == By.HAND && before.gently() && !now.gently() ? before.at(now.at()) : now;
  }
}
