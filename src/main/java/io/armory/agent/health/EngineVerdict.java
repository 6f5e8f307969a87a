package io.armory.agent.health;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.ContainerHealth.Verdict;
import io.armory.agent.domain.stack.Observation.Container;
import java.time.Instant;

/// The health of a running container the agent has no probe for: the engine's own check, or that it
/// runs at all.
public final class EngineVerdict {
  private EngineVerdict() {}

  public static ContainerHealth of(Container container) {
    var started = container.startedAt();
    var since = started == null ? Instant.EPOCH : started;
    return switch (container.engineHealth()) {
      case NONE -> new ContainerHealth(Verdict.HEALTHY, "runs", since, true);
      case STARTING ->
          new ContainerHealth(
              Verdict.STARTING, "the engine's healthcheck is starting", since, true);
      case HEALTHY ->
          new ContainerHealth(Verdict.HEALTHY, "the engine's healthcheck passes", since, true);
      case UNHEALTHY ->
          new ContainerHealth(Verdict.UNHEALTHY, "the engine's healthcheck fails", since, true);
    };
  }
}
