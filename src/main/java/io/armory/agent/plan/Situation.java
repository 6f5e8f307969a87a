package io.armory.agent.plan;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Observation.Container;
import io.armory.agent.domain.Observation.Observed;
import io.armory.agent.domain.Service;
import io.armory.agent.domain.Stack;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything a plan is made from: equal situations give equal plans.
///
/// @param health container ID → the agent's verdict; absent means nothing is known yet
/// @param busy subjects (services, `network KEY`, …) with an action under way, or with one that
///   ended after the observation began: nothing is planned for them
/// @param delays subject → until when it is left alone, from its backoff
/// @param deaths container ID → why it last ended, where the agent saw it; service → what became of
///   its container, when that is gone ("container was removed by hand")
/// @param rolloutSince an unhealthy container made since then stops the rollout from going on
/// @param hooked container ID → which of its starts the `post_start` commands are done for
/// @param pulled image references already pulled for this revision, for `pull_policy: always`
public record Situation(
    Stack desired,
    Observed observed,
    Map<String, ContainerHealth> health,
    Set<String> busy,
    Intents intents,
    Map<String, Delay> delays,
    Map<String, Death> deaths,
    Instant rolloutSince,
    Map<String, Instant> hooked,
    Set<String> pulled,
    Instant now) {

  /// @param what in words: "exited with code 1"
  /// @param byHand somebody at the node ended it: `docker stop`, `docker kill`, `docker rm`
  public record Death(String what, boolean byHand) {}

  /// @param why what failed
  /// @param failed the last action on the subject failed: nothing at all is tried again before. A
  ///   crash's backoff, in contrast, does not put off a stop
  public record Delay(Instant until, String why, boolean failed) {
    public Delay(Instant until, String why) {
      this(until, why, false);
    }
  }

  public Situation {
    health = Map.copyOf(health);
    busy = Set.copyOf(busy);
    delays = Map.copyOf(delays);
    deaths = Map.copyOf(deaths);
    hooked = Map.copyOf(hooked);
    pulled = Set.copyOf(pulled);
  }

  /// Whether the service's `post_start` commands are still to be run, or under way.
  boolean isPostStartDue(Service service, Container container) {
    return service.awaitsPostStart(container, hooked);
  }

  boolean isHealthy(Container container) {
    var h = health.get(container.id());
    return container.running() && h != null && h.healthy();
  }

  boolean isUnhealthy(Container container) {
    var h = health.get(container.id());
    return container.running() && h != null && h.unhealthy();
  }

  boolean isStarting(Container container) {
    return container.running() && !isHealthy(container) && !isUnhealthy(container);
  }

  /// The delay of a subject that has not passed yet.
  Optional<Delay> delay(String subject) {
    return Optional.ofNullable(delays.get(subject)).filter(d -> d.until().isAfter(now));
  }

  boolean isStoppedByOperator(String service) {
    return intents.stopped().containsKey(service);
  }
}
