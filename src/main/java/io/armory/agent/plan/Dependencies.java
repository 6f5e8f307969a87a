package io.armory.agent.plan;

import io.armory.agent.domain.Death;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Service.Condition;
import io.armory.agent.domain.stack.Service.Dependency;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Whether a service's `depends_on` conditions hold.
final class Dependencies {
  /// For a service without a probe: how long it may need to get well after its dependency has.
  private static final Duration RECOVERY = Duration.ofSeconds(30);

  /// A busy engine answers nothing about a container that it is just starting: only what cannot be
  /// read for as long as this is not waited for any more.
  private static final Duration UNREAD = Duration.ofSeconds(30);

  private final ObservedSlots view;
  private final PlanInput situation;

  /// What a start is for; how much of a dependency's trouble it puts up with.
  enum Start {
    /// The first of a definition: every condition holds, by the definitions now desired.
    COLD,
    /// Instead of one that serves: likewise, but what an operator stopped was missing before too.
    REPLACEMENT,
    /// It served before, and may serve without what has failed: the agent never gives one service
    /// up because of another. Any definition of the dependency counts, so that a rollout further up
    /// does not hold back a repair further down.
    REPAIR
  }

  Dependencies(ObservedSlots view) {
    this.view = view;
    this.situation = view.situation;
  }

  /// Why the service must not be started now; empty: it may.
  Optional<String> holdBack(Service service, Start start) {
    var outage = outage(service);
    if (outage.isPresent()) {
      return outage;
    }
    return service.dependsOn().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(e -> situation.desired().services().containsKey(e.getKey()))
        .map(e -> holdBack(e.getKey(), e.getValue(), start))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /// Why a dependency, direct or not, may be what makes this service unhealthy; empty: all are
  /// well, and have been for long enough that the service should be too.
  Optional<String> ailing(Service service) {
    var recovery = recovery(service);
    var shared = ailingShared(service, recovery);
    if (shared.isPresent()) {
      return shared;
    }
    for (var d : view.topology.dependencies(service.name())) {
      if (!all(view.slots(d), this::isWell)) {
        return Optional.of("its dependency " + d + " is not healthy");
      }
      if (view.slots(d).stream().anyMatch(this::isSilent)) {
        return Optional.of("its dependency " + d + " did not answer when it was last asked");
      }
      if (view.slots(d).stream().anyMatch(s -> isWellSinceLessThan(s, recovery))) {
        return Optional.of("its dependency " + d + " has only just become healthy");
      }
    }
    return Optional.empty();
  }

  /// What the node shares with others is down for all of them. Without it nothing that needs it is
  /// started: some services say that they have started, and are of no use.
  private Optional<String> outage(Service service) {
    return situation
        .shared()
        .filter(s -> s.users().contains(service.name()))
        .flatMap(s -> s.trouble().map(t -> "waits for " + s.name() + ": " + t));
  }

  /// A service may be found unhealthy before its Redis is: an answer from before says nothing.
  private Optional<String> ailingShared(Service service, Duration recovery) {
    return situation
        .shared()
        .filter(s -> s.users().contains(service.name()))
        .flatMap(s -> {
          if (s.trouble().isPresent()) {
            return Optional.of(s.name() + " is not available");
          }
          if (s.since().plus(recovery).isAfter(situation.now())) {
            return Optional.of(s.name() + " has only just become available");
          }
          return view.containers(service.name()).stream()
              .map(c -> situation.health().get(c.id()))
              .filter(h -> h != null && h.unhealthy() && !s.askedAt().isAfter(h.since()))
              .findFirst()
              .map(h -> s.name() + " has not answered since");
        });
  }

  private Optional<String> holdBack(String name, Dependency dependency, Start start) {
    var slots = view.slots(name);
    Predicate<Slot> holds = s -> holds(s, dependency.condition(), start);
    if (all(slots, holds)) {
      return Optional.empty();
    }
    var tolerant = start == Start.REPAIR || !dependency.required();
    var stopped = situation.intents().stopped().get(name);
    if (stopped != null) {
      return tolerant || start == Start.REPLACEMENT
          ? Optional.empty()
          : Optional.of("waits for " + name + ", which was stopped by " + stopped.by());
    }
    return tolerant && all(slots, s -> holds.test(s) || hasFailed(s))
        ? Optional.empty()
        : Optional.of("waits for " + name + " " + end(dependency.condition()));
  }

  private boolean holds(Slot slot, Condition condition, Start start) {
    Predicate<Container> test =
        switch (condition) {
          case STARTED ->
              c ->
                  (Slot.isActive(c) && !situation.isPostStartDue(slot.service(), c))
                      || completed(slot, c);
          case HEALTHY -> situation::isHealthy;
          case COMPLETED_SUCCESSFULLY -> c -> completed(slot, c);
        };
    return slot.right().filter(test).isPresent() || (start == Start.REPAIR && slot.any(test));
  }

  private static String end(Condition condition) {
    return switch (condition) {
      case STARTED -> "to start";
      case HEALTHY -> "to be healthy";
      case COMPLETED_SUCCESSFULLY -> "to complete";
    };
  }

  /// Serves, by whatever definition, or has ended as it should.
  boolean isWell(Slot slot) {
    return slot.right().filter(c -> completed(slot, c)).isPresent()
        || slot.any(situation::isHealthy);
  }

  /// Runs and is unhealthy, was tried and does not run, or cannot be read: nobody knows when it
  /// will be well.
  boolean hasFailed(Slot slot) {
    var service = slot.service();
    if (isUnreadForLong(slot) && !isWell(slot)) {
      return true;
    }
    if (slot.any(Slot::isActive)) {
      return slot.any(situation::isUnhealthy);
    }
    if (situation.busy().contains(service.name())) {
      return false;
    }
    var unpullable = service.pullPolicy().isLocal();
    return situation.delay(service.name()).isPresent()
        || (slot.right().isEmpty()
            && service
                .container()
                .images()
                .anyMatch(image ->
                    situation.delay("image " + image).isPresent()
                        || situation.observed().unknown(Thing.IMAGE, image).isPresent()
                        || (unpullable && !situation.observed().images().containsKey(image))));
  }

  private boolean isUnreadForLong(Slot slot) {
    return view.unknown(slot)
        .filter(u -> !u.since().plus(UNREAD).isAfter(situation.now()))
        .isPresent();
  }

  /// Not yet often enough to be called unhealthy; one that depends on it may be, sooner.
  private boolean isSilent(Slot slot) {
    return slot.any(c -> {
      var h = situation.health().get(c.id());
      return h != null && h.healthy() && !h.answered();
    });
  }

  private boolean isWellSinceLessThan(Slot slot, Duration recovery) {
    return slot.any(c -> {
      var h = situation.health().get(c.id());
      return h != null
          && situation.isHealthy(c)
          && h.since().plus(recovery).isAfter(situation.now());
    });
  }

  /// The time in which the service's own probe would find it well again.
  private static Duration recovery(Service service) {
    return service
        .probe()
        .map(p ->
            p.interval()
                .plus(p.timeout())
                .multipliedBy(Math.max(p.failureThreshold(), p.successThreshold())))
        .orElse(RECOVERY);
  }

  /// Ended with exit code 0, and that is its end. Of a task that nothing waits for it is so only
  /// while nobody wants it to run again: a server that ends with 0 when it is stopped looks alike.
  boolean completed(Slot slot, Container c) {
    var service = slot.service().name();
    var started = c.startedAt();
    var death = situation.deaths().get(c.id());
    return c.state() == State.EXITED
        && c.exitCode() == 0
        && started != null
        && (death == null || death.by() != Death.By.HAND)
        && Service.isOneShot(situation.desired(), service)
        && (Service.isAwaited(situation.desired(), service) || !isWantedAgain(slot, started));
  }

  /// An operator asked for it, or the definition went back to its own.
  private boolean isWantedAgain(Slot slot, Instant started) {
    var asked = situation.intents().restarts().get(slot.service().name());
    return situation.isLater(asked, started)
        || slot.obsolete().stream()
            .map(o -> o.container().createdAt())
            .anyMatch(created -> situation.isLater(created, started));
  }

  private static boolean all(List<Slot> slots, Predicate<Slot> test) {
    return slots.stream().allMatch(test);
  }
}
