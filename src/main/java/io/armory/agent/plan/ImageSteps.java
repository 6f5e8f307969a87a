package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Service;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Images are here before anything is created, and before anything that runs is stopped.
final class ImageSteps {
  private final ObservedSlots view;
  private final PlanBuilder draft;
  private final Set<String> pending = new HashSet<>();
  private final Set<String> pulls = new HashSet<>();

  ImageSteps(ObservedSlots view, PlanBuilder draft) {
    this.view = view;
    this.draft = draft;
  }

  void plan() {
    var needy =
        view.topology.sorted().values().stream()
            .filter(s -> view.slots(s.name()).stream().anyMatch(p -> p.right().isEmpty()))
            .toList();
    needy.forEach(this::leaveAlone);
    needy.forEach(this::pull);
    needy.forEach(this::lack);
    // One that an operator keeps down holds no other back, but has to be there to be started again.
    needy.stream()
        .filter(s -> view.situation.isStoppedByOperator(s.name()))
        .map(s -> s.container().image())
        .filter(image ->
            needy.stream()
                .filter(s -> s.container().image().equals(image))
                .allMatch(s -> view.situation.isStoppedByOperator(s.name())))
        .forEach(pending::remove);
  }

  /// Whether some service's image is still to come: nothing that runs is stopped then.
  boolean anyPending() {
    return !pending.isEmpty();
  }

  boolean isPending(Service service) {
    return pending.contains(service.container().image()) && !mayUseWhatIsHere(service);
  }

  /// An image that is here and cannot be asked for anew is better than a service that does not run;
  /// one that runs, by whatever definition, is not replaced by a guess.
  private boolean mayUseWhatIsHere(Service service) {
    var image = service.container().image();
    var tried = view.situation.delays().get("image " + image);
    return tried != null
        && tried.failed()
        && view.situation.observed().images().containsKey(image)
        && view.containers(service.name()).stream().noneMatch(Slot::isActive);
  }

  /// The ID of a service's image; empty while it is to come.
  Optional<String> id(Service service) {
    return isPending(service)
        ? Optional.empty()
        : Optional.ofNullable(view.situation.observed().images().get(service.container().image()));
  }

  private void leaveAlone(Service service) {
    var image = service.container().image();
    view.situation
        .observed()
        .unknown(Thing.IMAGE, image)
        .ifPresent(unknown -> {
          pending.add(image);
          pulls.add(image);
          draft.waitFor(service.name(), unknown.describe() + "; it is left alone until it can be");
        });
  }

  private void pull(Service service) {
    var image = service.container().image();
    var present = view.situation.observed().images().containsKey(image);
    var wanted =
        switch (service.pullPolicy()) {
          case ALWAYS -> !view.situation.pulled().contains(image);
          case MISSING -> !present;
          case NEVER, BUILD -> false;
        };
    if (wanted && pulls.add(image)) {
      pending.add(image);
      draft.step(
          new Action.PullImage(service.name(), image, service.container().platform()),
          present ? "pull_policy is always" : "it is not on this node");
    }
  }

  /// One that is not here and that no service has pulled.
  private void lack(Service service) {
    var image = service.container().image();
    if (!pulls.contains(image) && !view.situation.observed().images().containsKey(image)) {
      pending.add(image);
      draft.waitFor(
          service.name(),
          "image %s is not on this node and pull_policy is %s; load it, or change pull_policy"
              .formatted(image, service.pullPolicy().name().toLowerCase(java.util.Locale.ROOT)));
    }
  }
}
