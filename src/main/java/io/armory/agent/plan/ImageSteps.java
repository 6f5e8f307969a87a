package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Thing;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Service.PullPolicy;
import io.armory.agent.domain.stack.Storage;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
        .flatMap(s -> s.container().images())
        .filter(image ->
            needy.stream()
                .filter(s -> s.container().images().anyMatch(image::equals))
                .allMatch(s -> view.situation.isStoppedByOperator(s.name())))
        .forEach(pending::remove);
  }

  /// Whether some service's image is still to come: nothing that runs is stopped then.
  boolean anyPending() {
    return !pending.isEmpty();
  }

  boolean isPending(Service service) {
    return service
        .container()
        .images()
        .anyMatch(i -> pending.contains(i) && !mayUseWhatIsHere(service, i));
  }

  /// An image that is here and cannot be asked for anew is better than a service that does not run;
  /// one that runs, by whatever definition, is not replaced by a guess.
  private boolean mayUseWhatIsHere(Service service, String image) {
    var tried = view.situation.delays().get("image " + image);
    return tried != null
        && tried.failed()
        && isHere(image)
        && view.containers(service.name()).stream().noneMatch(Slot::isActive);
  }

  /// The ID of a service's image; empty while that, or one that it mounts, is to come.
  Optional<String> id(Service service) {
    return isPending(service)
        ? Optional.empty()
        : Optional.ofNullable(view.situation.observed().images().get(service.container().image()));
  }

  /// What a service waits for.
  String missing(Service service) {
    return service
        .container()
        .images()
        .filter(pending::contains)
        .findFirst()
        .orElse(service.container().image());
  }

  private void leaveAlone(Service service) {
    service
        .container()
        .images()
        .forEach(image ->
            view.situation
                .observed()
                .unknown(Thing.IMAGE, image)
                .ifPresent(unknown -> {
                  pending.add(image);
                  pulls.add(image);
                  draft.waitFor(
                      service.name(), unknown.describe() + "; it is left alone until it can be");
                }));
  }

  private void pull(Service service) {
    var container = service.container();
    var wanted =
        switch (service.pullPolicy()) {
          case PullPolicy.Plain.ALWAYS -> !isFresh(container.image());
          case PullPolicy.Every _ -> !isFresh(container.image());
          case PullPolicy.Plain.MISSING -> !isHere(container.image());
          case PullPolicy.Plain.NEVER, PullPolicy.Plain.BUILD -> false;
        };
    if (wanted) {
      pull(service, container.image(), container.platform());
    }
    // As the reference has it: what is mounted is for any platform, and pulled only if missing.
    if (service.pullPolicy() != PullPolicy.Plain.NEVER) {
      container
          .storage()
          .imageMounts()
          .map(Storage.ImageMount::image)
          .filter(image -> !isHere(image))
          .forEach(image -> pull(service, image, null));
    }
  }

  private boolean isFresh(String image) {
    return view.situation.pulled().contains(image);
  }

  private boolean isHere(String image) {
    return view.situation.observed().images().containsKey(image);
  }

  private void pull(Service service, String image, @Nullable String platform) {
    if (pulls.add(image)) {
      pending.add(image);
      draft.step(
          new Action.PullImage(service.name(), image, platform),
          isHere(image)
              ? "pull_policy is " + service.pullPolicy().words()
              : "it is not on this node");
    }
  }

  /// Those that are not here and that no service has pulled.
  private void lack(Service service) {
    service.container().images().forEach(image -> lack(service, image));
  }

  private void lack(Service service, String image) {
    if (!pulls.contains(image) && !isHere(image)) {
      pending.add(image);
      draft.waitFor(
          service.name(),
          "image %s is not on this node and pull_policy is %s; load it, or change pull_policy"
              .formatted(image, service.pullPolicy().words()));
    }
  }
}
