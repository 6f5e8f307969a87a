package io.armory.agent.plan;

import io.armory.agent.domain.Observation.Container;
import io.armory.agent.domain.Observation.State;
import io.armory.agent.domain.Service;
import io.armory.agent.domain.Service.Dependency;
import java.util.List;
import java.util.Optional;

/// Whether a service's `depends_on` conditions hold. Any definition of the dependency counts, so
/// that a rollout further up does not hold back a repair further down.
final class Dependencies {
  private final View view;

  Dependencies(View view) {
    this.view = view;
  }

  /// Why the service must not be started now; empty: it may.
  ///
  /// @param repair it ran before: then a dependency that has failed for good does not hold it back,
  ///   for it may serve without, and the agent never gives one service up because of another
  Optional<String> holdBack(Service service, boolean repair) {
    return service.dependsOn().entrySet().stream()
        .filter(e -> view.situation.desired().services().containsKey(e.getKey()))
        .map(e -> holdBack(e.getKey(), e.getValue(), repair))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /// Why a dependency, direct or not, may be what makes this service unhealthy; empty: all are
  /// well.
  Optional<String> ailing(Service service) {
    return view.topology.dependencies(service.name()).stream()
        .filter(d -> !isWell(d))
        .findFirst()
        .map(d -> "its dependency " + d + " is not healthy");
  }

  private Optional<String> holdBack(String name, Dependency dependency, boolean repair) {
    var slots = view.slots(name);
    if (slots.isEmpty()) {
      return Optional.empty();
    }
    return switch (dependency.condition()) {
      case STARTED -> all(slots, this::isStarted) ? ok() : because(name, "to start");
      case COMPLETED_SUCCESSFULLY ->
          all(slots, this::isCompleted) ? ok() : because(name, "to complete");
      case HEALTHY -> {
        if (all(slots, this::isHealthy)) {
          yield ok();
        }
        var failed = all(slots, s -> isHealthy(s) || hasFailed(s));
        yield failed && (repair || !dependency.required()) ? ok() : because(name, "to be healthy");
      }
    };
  }

  private boolean isWell(String service) {
    return all(view.slots(service), s -> isHealthy(s) || isCompleted(s));
  }

  private boolean isStarted(Slot slot) {
    return anyOf(slot, Slot::isActive) || isCompleted(slot);
  }

  private boolean isHealthy(Slot slot) {
    return anyOf(slot, view.situation::isHealthy);
  }

  private boolean hasFailed(Slot slot) {
    return anyOf(slot, view.situation::isUnhealthy);
  }

  private boolean isCompleted(Slot slot) {
    return slot.right().filter(c -> completed(slot.service(), c)).isPresent();
  }

  /// Ended with exit code 0, and that is its end: a task something waits for, or a service whose
  /// restart policy does not restart a success and that serves nothing.
  boolean completed(Service service, Container c) {
    var death = view.situation.deaths().get(c.id());
    return c.state() == State.EXITED
        && c.exitCode() == 0
        && c.startedAt() != null
        && (death == null || !death.byHand())
        && (Service.isOneShot(view.situation.desired(), service.name()) || endsWell(service));
  }

  private static boolean endsWell(Service service) {
    var spec = service.container();
    return switch (spec.restart().name()) {
      case "on-failure" -> true;
      case "no" ->
          service.probe().isEmpty()
              && spec.healthcheck() == null
              && spec.networking().ports().isEmpty();
      default -> false;
    };
  }

  private static boolean anyOf(Slot slot, java.util.function.Predicate<Container> test) {
    return slot.right().filter(test).isPresent()
        || slot.obsolete().stream().map(Slot.Obsolete::container).anyMatch(test);
  }

  private static boolean all(List<Slot> slots, java.util.function.Predicate<Slot> test) {
    return slots.stream().allMatch(test);
  }

  private static Optional<String> ok() {
    return Optional.empty();
  }

  private static Optional<String> because(String service, String what) {
    return Optional.of("waits for " + service + " " + what);
  }
}
