package io.armory.agent.plan;

import io.armory.agent.domain.stack.Cause;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Service;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// One place of a service for a container, and what is in it.
///
/// @param number 1 to the service's replicas; the `container-number`
/// @param right the container that is as desired, running or not
/// @param obsolete the others that claim this place
record Slot(Service service, int number, Optional<Container> right, List<Obsolete> obsolete) {

  Slot {
    obsolete = List.copyOf(obsolete);
  }

  /// @param why in words: "its definition changed"
  record Obsolete(Container container, String why) {}

  /// Whether a running container has to make way for another definition.
  boolean needsReplacement() {
    return right.filter(Container::running).isEmpty() && runningObsolete().isPresent();
  }

  /// Whether one of this place served before the right one.
  boolean hasServed() {
    return obsolete.stream().anyMatch(o -> o.container().startedAt() != null);
  }

  /// Every container of this place, by whatever definition, the right one first.
  List<Container> all() {
    return Stream.concat(right.stream(), obsolete.stream().map(Obsolete::container)).toList();
  }

  /// Whether any container of this place is so.
  boolean any(Predicate<Container> test) {
    return all().stream().anyMatch(test);
  }

  Optional<Obsolete> runningObsolete() {
    return obsolete.stream().filter(o -> isActive(o.container())).findFirst();
  }

  /// The one that a new container takes the place of: not a leftover that is not gone yet.
  Optional<Obsolete> predecessor() {
    return runningObsolete()
        .or(() ->
            obsolete.stream()
                .filter(o -> o.container().state() != State.REMOVING)
                .filter(o -> o.container().state() != State.DEAD)
                .findFirst())
        .or(() -> obsolete.stream().findFirst());
  }

  /// Why one of this place is mended.
  Cause mending(Container c, String text) {
    return right.filter(c::equals).isPresent() ? Cause.of(text) : Cause.predecessor(text);
  }

  static boolean isActive(Container c) {
    return c.active();
  }
}
