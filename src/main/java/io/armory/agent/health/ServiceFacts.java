package io.armory.agent.health;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.Death;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Unknown;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What one service's state is judged from.
///
/// @param health container ID → verdict, of those that run
/// @param stopped by an operator
/// @param standby why it is another node's to run; empty: it is not
/// @param oneShot it is done when it has ended well
/// @param waits what the plan says it waits for; empty: nothing
/// @param deaths container ID → why it last ended, where that is known
/// @param endedBefore IDs of containers that ended before the service was last wanted to run
/// @param unknown container ID → why it cannot be read, of those that cannot
public record ServiceFacts(
    Service service,
    List<Container> containers,
    Map<String, ContainerHealth> health,
    Optional<Stopped> stopped,
    Optional<String> standby,
    boolean oneShot,
    Optional<Plan.Wait> waits,
    Map<String, Death> deaths,
    Set<String> endedBefore,
    Map<String, Unknown> unknown) {

  public ServiceFacts {
    containers = List.copyOf(containers);
    health = Map.copyOf(health);
    deaths = Map.copyOf(deaths);
    endedBefore = Set.copyOf(endedBefore);
    unknown = Map.copyOf(unknown);
  }
}
