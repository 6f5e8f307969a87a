package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Observation.Unknown;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.plan.Dependencies.Start;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// One service's next steps: create, make way, start, mend.
final class ServiceSteps {
  private final ObservedSlots view;
  private final PlanInput situation;
  private final PlanBuilder draft;
  private final Dependencies dependencies;
  private final RollingOrder turn;
  private final CreationSteps creation;
  private final CommonSteps common;
  private final SideBySide beside;
  private final RunningSteps running;

  ServiceSteps(ObservedSlots view, PlanBuilder draft, ResourceSteps resources, ImageSteps images) {
    this.view = view;
    this.situation = view.situation;
    this.draft = draft;
    this.dependencies = new Dependencies(view);
    this.turn = new RollingOrder(view, dependencies);
    this.creation = new CreationSteps(view, draft, resources, images, turn);
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
      creation.plan(slot).ifPresent(why -> putOff(slot, why));
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
    if (!creation.isLeaving(c)) {
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
