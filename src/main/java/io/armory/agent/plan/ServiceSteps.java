package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Observation.Unknown;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.plan.Dependencies.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One service's next steps: create, make way, start, mend.
final class ServiceSteps {
  private static final Duration REMOVAL = Duration.ofSeconds(30);

  private final ObservedSlots view;
  private final PlanInput situation;
  private final PlanBuilder draft;
  private final ResourceSteps resources;
  private final ImageSteps images;
  private final Dependencies dependencies;
  private final RollingOrder turn;
  private final CommonSteps common;
  private final SideBySide beside;
  private final RunningSteps running;

  ServiceSteps(ObservedSlots view, PlanBuilder draft, ResourceSteps resources, ImageSteps images) {
    this.view = view;
    this.situation = view.situation;
    this.draft = draft;
    this.resources = resources;
    this.images = images;
    this.dependencies = new Dependencies(view);
    this.turn = new RollingOrder(view, dependencies);
    this.common = new CommonSteps(view, draft, resources);
    this.beside = new SideBySide(view, draft);
    this.running = new RunningSteps(view, draft, dependencies, common, beside);
  }

  void plan(Service service) {
    if (situation.isStoppedByOperator(service.name())) {
      stopForOperator(service);
    } else if (situation.isStandby(service.name())) {
      standBy(service);
    } else if (situation.busy().contains(service.name())) {
      draft.waitFor(service.name(), "an action is under way");
    } else {
      view.slots(service.name()).forEach(this::plan);
    }
  }

  private void plan(Slot slot) {
    var unknown = view.unknown(slot);
    var paused = running.leftPaused(slot);
    if (unknown.isPresent()) {
      leaveAlone(slot, unknown.get());
    } else if (beside.resume(slot)) {
      return;
    } else if (paused.isPresent()) {
      draft.waitFor(slot.service().name(), paused.get());
    } else if (slot.right().isEmpty()) {
      create(slot);
    } else if (Slot.isActive(slot.right().get())) {
      removePredecessors(slot, slot.right().get());
      running.plan(slot, slot.right().get());
    } else {
      bringUp(slot, slot.right().get());
    }
  }

  /// Nothing is waited for where all is as it should be, as far as anybody can tell.
  private void leaveAlone(Slot slot, Unknown unknown) {
    if (slot.right().filter(situation::isHealthy).isEmpty() || !slot.obsolete().isEmpty()) {
      draft.waitFor(
          slot.service().name(), unknown.describe() + "; it is left alone until it can be");
    }
  }

  /// A replacement is created before its predecessor is stopped: one that cannot even be created
  /// costs no downtime.
  private void create(Slot slot) {
    var service = slot.service();
    if (removeUnstartable(slot)) {
      return;
    }
    if (slot.needsReplacement()) {
      var hold =
          turn.holdBack(slot)
              .or(() -> images.anyPending() ? Optional.of("waits for images") : Optional.empty());
      if (hold.isPresent()) {
        putOff(slot, hold.get());
        return;
      }
    }
    var image = images.id(service);
    var lacking =
        resources.missingFor(service).or(() -> missingParent(service)).or(() -> leaving(slot));
    if (image.isEmpty()) {
      putOff(slot, "waits for image " + images.missing(service));
    } else if (lacking.isPresent()) {
      putOff(slot, lacking.get());
    } else {
      draft.step(
          new Action.CreateContainer(
              situation.desired(),
              // The agent restarts it, not the engine, from its first moment on.
              service.withContainer(
                  service
                      .container()
                      .withRestart(RestartPolicy.NO)
                      .withStorage(
                          service.container().storage().withImages(situation.observed().images()))),
              slot.number(),
              newName(slot),
              image.get(),
              namespaces(service),
              slot.predecessor().map(o -> o.container().id())),
          creationCause(slot));
    }
  }

  /// What cannot be replaced yet is cared for as it is: a registry that is away, or another's turn,
  /// keeps nothing down that could serve.
  private void putOff(Slot slot, String why) {
    draft.waitFor(slot.service().name(), why);
    slot.obsolete().stream()
        .map(Slot.Obsolete::container)
        .filter(c -> c.startedAt() != null)
        .max(Comparator.comparing(Slot::isActive).thenComparing(ServiceSteps::started))
        .ifPresent(c -> keepUp(slot, c));
  }

  private void keepUp(Slot slot, Container c) {
    if (Slot.isActive(c)) {
      running.keepUp(slot, c);
    } else if (c.state() == State.EXITED
        && hasEndedLately(c)
        && !situation.isUnstartable(c)
        && !dependencies.completed(slot, c)
        && !Service.isOneShot(situation.desired(), slot.service().name())
        && !common.connect(slot.service(), c)) {
      start(slot, c);
    }
  }

  /// Under this agent's eyes: what ended before may never have been its own.
  private boolean hasEndedLately(Container c) {
    return situation.deaths().containsKey(c.id())
        || situation.isLater(c.finishedAt(), situation.rolloutSince());
  }

  private static Instant started(Container c) {
    return Objects.requireNonNullElse(c.startedAt(), Instant.EPOCH);
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

  private String creationCause(Slot slot) {
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
        .filter(c -> c.state() == State.REMOVING)
        .filter(c -> isLately(c.finishedAt()))
        .findFirst()
        .map(c -> "waits for container " + c.name() + " to be removed");
  }

  private boolean isLately(@Nullable Instant ended) {
    return ended != null
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

  /// The right container exists and does not run.
  private void bringUp(Slot slot, Container c) {
    var service = slot.service();
    var predecessor = slot.runningObsolete();
    if (predecessor.isPresent()) {
      makeWay(slot, c, predecessor.get());
    } else if (dependencies.completed(slot, c)) {
      removePredecessors(slot, c);
      common.rename(slot, c);
    } else if (!common.takeOver(service, c)
        && !common.connect(service, c)
        && !beside.giveNames(slot, c)) {
      start(slot, c);
    }
  }

  private void start(Slot slot, Container c) {
    var service = slot.service();
    var ranBefore = c.startedAt() != null;
    var oneShot = Service.isOneShot(situation.desired(), service.name());
    var repair = ranBefore || (slot.hasServed() && !oneShot);
    var hold =
        leftToHand(c)
            .or(() -> dependencies.holdBack(service, repair ? Start.REPAIR : Start.COLD))
            .or(() -> repair ? Optional.empty() : disturbed(service));
    if (hold.isPresent()) {
      draft.waitFor(service.name(), hold.get());
    } else {
      draft.step(
          new Action.StartContainer(service.name(), c.name(), c.id()),
          ranBefore ? slot.mending(c, death(c)) : Cause.firstStart("it was never started"));
    }
  }

  private Optional<String> leftToHand(Container c) {
    return situation.isLeftToHand(c)
        ? Optional.of(death(c) + " a moment ago: whoever did may be about to go on")
        : Optional.empty();
  }

  /// The steps of a plan are carried out in any order: a dependency that is healthy now and goes
  /// down by this very plan may be down first.
  private Optional<String> disturbed(Service service) {
    return service.dependsOn().entrySet().stream()
        .filter(e -> e.getValue().required())
        .map(Map.Entry::getKey)
        .filter(draft::takesDown)
        .sorted()
        .findFirst()
        .map(d -> "waits for " + d + ", which is about to go down for a moment");
  }

  private void makeWay(Slot slot, Container successor, Slot.Obsolete predecessor) {
    var service = slot.service();
    var old = predecessor.container();
    var hindrance =
        service.startFirst() ? beside.hindrance(service, successor, old) : Optional.<String>empty();
    var startsFirst = service.startFirst() && hindrance.isEmpty();
    var hold =
        turn.holdBack(slot)
            .or(() ->
                old.running() && !situation.isUnhealthy(old)
                    ? dependencies.holdBack(service, Start.REPLACEMENT)
                    : Optional.empty());
    if (hold.isPresent()) {
      draft.waitFor(service.name(), hold.get());
    } else if (startsFirst) {
      startBeside(slot, successor, predecessor);
    } else {
      var why = hindrance.map("; not beside its successor: "::concat).orElse("");
      draft.step(Action.StopContainer.of(service, old), "makes way: " + predecessor.why() + why);
    }
  }

  private void startBeside(Slot slot, Container successor, Slot.Obsolete predecessor) {
    var service = slot.service();
    if (!common.takeOver(service, successor)
        && !common.connect(service, successor)
        && !beside.withdrawNames(slot, successor)) {
      var besides = ", beside " + predecessor.container().name() + ": " + predecessor.why();
      draft.step(
          new Action.StartContainer(service.name(), successor.name(), successor.id()),
          successor.startedAt() == null
              ? Cause.firstStart("it was never started" + besides)
              : Cause.of(death(successor) + besides));
    }
  }

  /// A predecessor stays, stopped, until its successor is healthy: going back is one start away.
  private void removePredecessors(Slot slot, Container right) {
    var service = slot.service();
    var proven = situation.isHealthy(right) || dependencies.completed(slot, right);
    for (var o : slot.obsolete()) {
      var c = o.container();
      if (Slot.isActive(c)) {
        if (!beside.keeps(slot, right, c)) {
          draft.stepNow(Action.StopContainer.of(service, c), o.why());
        }
      } else if (c.state() == State.REMOVING) {
        stuck(service, c);
      } else if (proven) {
        draft.tidy(new Action.RemoveContainer(service.name(), c.name(), c.id(), true), o.why());
      }
    }
  }

  private void stuck(Service service, Container c) {
    if (!isLately(c.finishedAt())) {
      draft.notice(
          service.name(),
          "the engine does not end the removal of container %s, which is not needed any more; see its log, and: docker rm %s"
              .formatted(c.name(), c.name()));
    }
  }

  private String death(Container c) {
    var seen = situation.deaths().get(c.id());
    if (seen != null) {
      return "it " + seen.what();
    }
    return c.oomKilled()
        ? "it was killed by the kernel: out of memory"
        : "it exited with code " + c.exitCode();
  }

  /// Another node runs it. What ran here stays, stopped, for the next time.
  private void standBy(Service service) {
    view.containers(service.name()).stream()
        .filter(Slot::isActive)
        .forEach(c ->
            draft.stepNow(
                Action.StopContainer.of(service, c),
                situation.standby().getOrDefault(service.name(), "it stands by")));
  }

  private void stopForOperator(Service service) {
    var who = situation.intents().stopped().get(service.name());
    var still =
        view.topology.allDependents(service.name()).stream()
            .filter(situation::isStoppedByOperator)
            .filter(d -> view.containers(d).stream().anyMatch(Slot::isActive))
            .findFirst();
    for (var c : view.containers(service.name())) {
      if (Slot.isActive(c)) {
        if (still.isPresent()) {
          draft.waitFor(service.name(), "to be stopped after " + still.get());
        } else {
          draft.stepNow(
              Action.StopContainer.of(service, c),
              Cause.operator("stopped by " + (who == null ? "an operator" : who.by())));
        }
      }
    }
  }
}
