package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// The container that a slot has not got yet. A replacement is created before its predecessor is
/// stopped: one that cannot even be created costs no downtime.
final class CreationSteps {
  private static final Duration REMOVAL = Duration.ofSeconds(30);

  private final ObservedSlots view;
  private final PlanInput situation;
  private final PlanBuilder draft;
  private final ResourceSteps resources;
  private final ImageSteps images;
  private final RollingOrder turn;

  CreationSteps(
      ObservedSlots view,
      PlanBuilder draft,
      ResourceSteps resources,
      ImageSteps images,
      RollingOrder turn) {
    this.view = view;
    this.situation = view.situation;
    this.draft = draft;
    this.resources = resources;
    this.images = images;
    this.turn = turn;
  }

  /// @return why it is put off; empty: a step is planned
  Optional<String> plan(Slot slot) {
    if (removeUnstartable(slot)) {
      return Optional.empty();
    }
    var hold = slot.needsReplacement() ? holdBack(slot) : Optional.<String>empty();
    if (hold.isPresent()) {
      return hold;
    }
    var service = slot.service();
    var image = images.id(service);
    if (image.isEmpty()) {
      return Optional.of("waits for image " + images.missing(service));
    }
    var lacking =
        resources.missingFor(service).or(() -> missingParent(service)).or(() -> leaving(slot));
    if (lacking.isEmpty()) {
      draft.step(create(slot, image.get()), cause(slot));
    }
    return lacking;
  }

  private Optional<String> holdBack(Slot slot) {
    return turn.holdBack(slot)
        .or(() -> images.anyPending() ? Optional.of("waits for images") : Optional.empty());
  }

  private Action create(Slot slot, String image) {
    var service = slot.service();
    var container = service.container();
    var storage = container.storage().withImages(situation.observed().images());
    return new Action.CreateContainer(
        situation.desired(),
        // The agent restarts it, not the engine, from its first moment on.
        service.withContainer(container.withRestart(RestartPolicy.NO).withStorage(storage)),
        slot.number(),
        newName(slot),
        image,
        namespaces(service),
        slot.predecessor().map(o -> o.container().id()));
  }

  /// One is kept until its successor runs, for the anonymous volumes; more of them, of an engine
  /// that spoils one after the other, would only pile up.
  private boolean removeUnstartable(Slot slot) {
    var broken =
        slot.obsolete().stream()
            .filter(o -> situation.isUnstartable(o.container()))
            .sorted(Comparator.comparing((Slot.Obsolete o) -> created(o.container())).reversed())
            .toList();
    var removals =
        broken.stream()
            .skip(1)
            .map(Slot.Obsolete::container)
            .map(c -> new Action.RemoveContainer(slot.service().name(), c.name(), c.id(), true))
            .toList();
    removals.forEach(r -> draft.tidy(r, "the engine cannot start it any more"));
    return removals.stream().anyMatch(r -> situation.delay(r.delayedAs()).isEmpty());
  }

  private static Instant created(Container c) {
    return Objects.requireNonNullElse(c.createdAt(), Instant.EPOCH);
  }

  private String cause(Slot slot) {
    var gone = situation.deaths().get(slot.service().name());
    return slot.predecessor()
        .map(o -> "replaces " + o.container().name() + ": " + o.why())
        .orElse(gone == null ? "it has no container" : "its " + gone.what());
  }

  private String newName(Slot slot) {
    var canonical = view.canonicalName(slot.service(), slot.number());
    var name = canonical;
    for (int i = 1; !view.isNameFree(name); i++) {
      name = canonical + "-next" + (i == 1 ? "" : i);
    }
    return name;
  }

  /// Its name is free in a moment: better to wait than to take a temporary one. Not for long:
  /// engines have been seen to remove a container for ever.
  private Optional<String> leaving(Slot slot) {
    return slot.obsolete().stream()
        .map(Slot.Obsolete::container)
        .filter(this::isLeaving)
        .findFirst()
        .map(c -> "waits for container " + c.name() + " to be removed");
  }

  /// The engine is removing it, and not for long yet.
  boolean isLeaving(Container c) {
    var ended = c.finishedAt();
    return c.state() == State.REMOVING
        && ended != null
        && !situation.isFromBeforeClockSet(ended)
        && ended.plus(REMOVAL).isAfter(situation.now());
  }

  private Optional<String> missingParent(Service service) {
    return ObservedSlots.parents(service).stream()
        .filter(p -> view.namespaceOwner(p).isEmpty())
        .findFirst()
        .map(p -> "waits for the container of " + p + ", whose namespace or volumes it shares");
  }

  private Map<String, String> namespaces(Service service) {
    var ids = new HashMap<String, String>();
    Stream.concat(service.dependsOn().keySet().stream(), ObservedSlots.parents(service).stream())
        .forEach(d -> view.namespaceOwner(d).ifPresent(c -> ids.put(d, c.id())));
    return ids;
  }
}
