package io.armory.agent.plan;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.Death;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
/// @param standby elected service → why it is not for this node to run now
/// @param shared the remote Redis, if the stack has one
/// @param drain the node's way out of service, if it is on it
/// @param beside what starting a successor beside its predecessor needs
/// @param unstartable container ID → why the engine will never start it
/// @param pulled what was done once for this revision: image references that were pulled, for
///   `pull_policy: always`, and networks that were tried, as [#trialOf]
/// @param changes service → definition hash of an earlier container → what the revision changes
///   against that, as far as it is known
public record PlanInput(
    Stack desired,
    Observed observed,
    Map<String, ContainerHealth> health,
    Set<String> busy,
    Intents intents,
    Map<String, Delay> delays,
    Map<String, Death> deaths,
    Instant rolloutSince,
    Map<String, Instant> hooked,
    Map<String, String> unstartable,
    Set<String> pulled,
    Map<String, String> standby,
    Optional<Shared> shared,
    Optional<Drain> drain,
    Map<String, Map<String, String>> changes,
    Beside beside,
    Instant now) {
  /// From the end of a grace period to that of the container.
  private static final Duration ENDING = Duration.ofSeconds(2);

  /// @param freeMemory of the node, in bytes; 0: not known
  /// @param nameless ID of a container that runs and is not found by its service's name → since
  ///   when that is known
  public record Beside(long freeMemory, Map<String, Instant> nameless) {
    public Beside {
      nameless = Map.copyOf(nameless);
    }
  }

  /// A dependency that the node shares with others and cannot mend.
  ///
  /// @param name for people: "the remote Redis"
  /// @param users the services that depend on it
  /// @param trouble what is wrong with it; empty: it is well, since `since`
  /// @param askedAt when the question was asked that it last answered well
  public record Shared(
      String name, Set<String> users, Optional<String> trouble, Instant since, Instant askedAt) {
    public Shared {
      users = Set.copyOf(users);
    }
  }

  /// @param why what failed
  /// @param failed the last action on the subject failed: nothing at all is tried again before. A
  ///   crash's backoff, in contrast, does not put off a stop
  public record Delay(Instant until, String why, boolean failed) {
    public Delay(Instant until, String why) {
      this(until, why, false);
    }
  }

  public PlanInput {
    health = Map.copyOf(health);
    busy = Set.copyOf(busy);
    delays = Map.copyOf(delays);
    deaths = Map.copyOf(deaths);
    hooked = Map.copyOf(hooked);
    unstartable = Map.copyOf(unstartable);
    pulled = Set.copyOf(pulled);
    standby = Map.copyOf(standby);
    changes = Map.copyOf(changes);
  }

  /// Why a container that is of another definition is replaced.
  String definitionChanged(Container c) {
    var known = changes.getOrDefault(c.service(), Map.of());
    var what = c.definitionHash().map(known::get);
    return "its definition changed" + what.map(w -> ": " + w).orElse("");
  }

  /// A network that the engine was found to make.
  public static String trialOf(Network network) {
    return "network " + network.key() + " as " + network.definitionHash();
  }

  boolean isTried(Network network) {
    return pulled.contains(trialOf(network));
  }

  /// Whether the service's `post_start` commands are still to be run, or under way.
  boolean isPostStartDue(Service service, Container container) {
    return service.awaitsPostStart(container, hooked);
  }

  boolean isHealthy(Container container) {
    return container.running() && isWell(container.id());
  }

  /// As far as the agent knows, by container ID; one that does not run is not.
  public boolean isWell(String container) {
    var h = health.get(container);
    return h != null && h.healthy();
  }

  boolean isUnhealthy(Container container) {
    var h = health.get(container.id());
    return container.running() && h != null && h.unhealthy();
  }

  boolean isStarting(Container container) {
    return container.running() && !isHealthy(container) && !isUnhealthy(container);
  }

  /// Whether something was after something else; not where either is unknown. What is to come by
  /// the clock was before it was set back, and so before all that is past by it.
  boolean isLater(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return false;
    }
    var before = isFromBeforeClockSet(one);
    return before == isFromBeforeClockSet(other) ? one.isAfter(other) : !before;
  }

  boolean isFromBeforeClockSet(Instant at) {
    return at.isAfter(now);
  }

  /// The delay of a subject that has not passed yet.
  Optional<Delay> delay(String subject) {
    return Optional.ofNullable(delays.get(subject)).filter(d -> d.until().isAfter(now));
  }

  boolean isUnstartable(Container container) {
    return !container.running() && unstartable.containsKey(container.id());
  }

  /// Somebody at the node has told a container to end that still runs, and its time for that is not
  /// over. He may have given it more than its service does: that is not known.
  boolean isBeingEnded(Service service, Container container) {
    var death = deaths.get(container.id());
    return death != null
        && death.by() == Death.By.HAND
        && now.isBefore(death.at().plus(service.stopGracePeriod()).plus(ENDING));
  }

  /// One that does not run, because somebody at the node stopped it a moment ago.
  boolean isLeftToHand(Container container) {
    var death = deaths.get(container.id());
    return death != null && now.isBefore(death.leftUntil());
  }

  /// None of the service's containers is to run on this node now.
  public boolean isWantedStopped(String service) {
    return isStoppedByOperator(service) || isStandby(service);
  }

  boolean isStandby(String service) {
    return standby.containsKey(service);
  }

  boolean isStoppedByOperator(String service) {
    return intents.stopped().containsKey(service);
  }
}
