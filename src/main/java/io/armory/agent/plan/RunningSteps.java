package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Service;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The right container runs: what is still wrong with it.
final class RunningSteps {
  private final ObservedSlots view;
  private final PlanInput situation;
  private final PlanBuilder draft;
  private final Dependencies dependencies;
  private final CommonSteps common;
  private final SideBySide beside;

  RunningSteps(
      ObservedSlots view,
      PlanBuilder draft,
      Dependencies dependencies,
      CommonSteps common,
      SideBySide beside) {
    this.view = view;
    this.situation = view.situation;
    this.draft = draft;
    this.dependencies = dependencies;
    this.common = common;
    this.beside = beside;
  }

  /// Why nothing is done to a container that somebody paused: he wants it to stand still for a
  /// while. Not where somebody asks for its restart.
  Optional<String> leftPaused(Slot slot) {
    return Stream.concat(
            slot.right().stream(), slot.obsolete().stream().map(Slot.Obsolete::container))
        .filter(c -> c.state() == State.PAUSED)
        .filter(c -> !situation.intents().restarts().containsKey(slot.service().name()))
        .flatMap(c -> situation.delay(c.id()).stream())
        .map(PlanInput.Delay::why)
        .findFirst();
  }

  /// At most one of these at a time: each changes what the next must look at. What only looks wrong
  /// comes last, so that it can fail for ever and keep nothing from being mended.
  void plan(Slot slot, Container c) {
    var service = slot.service();
    if (c.state() == State.PAUSED) {
      draft.step(new Action.UnpauseContainer(service.name(), c.name(), c.id()), "paused by hand");
    } else if (c.state() == State.RESTARTING) {
      if (!common.takeOver(service, c)) {
        draft.waitFor(service.name(), "the engine is restarting it");
      }
    } else if (!common.connect(service, c)
        && !beside.giveNames(slot, c)
        && !postStart(service, c)
        && !restart(slot, c)) {
      var _ = common.rename(slot, c) || common.takeOver(service, c);
      if (situation.isStarting(c)) {
        var health = situation.health().get(c.id());
        draft.waitFor(
            service.name(), "is starting" + (health == null ? "" : ": " + health.reason()));
      }
    }
  }

  /// One that is to be replaced, and cannot be yet: it is mended as long as it serves.
  void keepUp(Slot slot, Container c) {
    if (c.state() == State.PAUSED) {
      draft.step(
          new Action.UnpauseContainer(slot.service().name(), c.name(), c.id()), "paused by hand");
    } else if (c.running() && situation.isUnhealthy(c)) {
      var _ = restart(slot, c);
    }
  }

  /// Its `post_start` commands, once for each of its lives: a failed one is tried again, and what
  /// is wrong beside it is mended meanwhile.
  private boolean postStart(Service service, Container c) {
    var started = c.startedAt();
    if (started == null
        || !situation.isPostStartDue(service, c)
        || situation.delay(service.name()).isPresent()) {
      return false;
    }
    draft.step(
        new Action.RunHooks(service.name(), c.name(), c.id(), started, service.postStart()),
        "it was started");
    return true;
  }

  private boolean restart(Slot slot, Container c) {
    var service = slot.service();
    var asked = requested(service, c);
    var earlier = asked.isEmpty() ? Optional.<String>empty() : earlierRestart(slot);
    var cause =
        staleNamespace(service, c)
            .or(() -> restartedDependency(service, c))
            .or(() -> earlier.isPresent() ? Optional.empty() : asked);
    if (cause.isEmpty() && situation.isUnhealthy(c)) {
      var health = situation.health().get(c.id());
      var reason = health == null ? "unhealthy" : health.reason();
      if (health != null && situation.observed().at().isBefore(health.since())) {
        // The engine may have gone, and the names of its network with it, before the answers did.
        draft.waitFor(
            service.name(), "is unhealthy: " + reason + "; the engine is looked at first");
        return true;
      }
      if (health != null && !health.wantsRestart()) {
        draft.waitFor(service.name(), "is not well: " + reason + "; not restarted");
        return true;
      }
      if (situation.isBeingEnded(service, c)) {
        draft.waitFor(
            service.name(),
            "is unhealthy: "
                + reason
                + "; not restarted, it was told to end by hand and still has time");
        return true;
      }
      var ailing = dependencies.ailing(service);
      if (ailing.isPresent()) {
        draft.waitFor(
            service.name(), "is unhealthy: " + reason + "; not restarted, " + ailing.get());
        return true;
      }
      var isHeard = health == null || health.answered();
      draft.step(
          isHeard ? Action.RestartContainer.of(service, c) : HungGrace.restart(service, c),
          slot.mending(c, "it is unhealthy: " + reason));
      return true;
    }
    if (cause.isEmpty() && asked.isPresent()) {
      draft.waitFor(service.name(), "to be restarted after " + earlier.orElse(""));
      return true;
    }
    cause.ifPresent(why ->
        draft.step(
            Action.RestartContainer.of(service, c),
            cause.equals(asked) ? Cause.operator(why) : slot.mending(c, why)));
    return cause.isPresent();
  }

  /// A container keeps the namespace of its parent's last life (docker/compose 6626).
  private Optional<String> staleNamespace(Service service, Container c) {
    return ObservedSlots.shared(service).entrySet().stream()
        .filter(shared ->
            view.namespaceOwner(shared.getValue())
                .filter(Container::running)
                .filter(o -> situation.isLater(o.startedAt(), c.startedAt()))
                .isPresent())
        .map(shared ->
            "%s, whose %s it shares, was restarted".formatted(shared.getValue(), shared.getKey()))
        .findFirst();
  }

  /// `restart: true` in the Compose specification: after what the agent or an operator does to the
  /// dependency on purpose, not after a crash.
  private Optional<String> restartedDependency(Service service, Container c) {
    return service.dependsOn().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(e -> e.getValue().restart())
        .map(Map.Entry::getKey)
        .flatMap(d ->
            view.slots(d).stream()
                .flatMap(s -> s.right().stream())
                .filter(situation::isHealthy)
                .flatMap(o -> renewed(d, o, c).stream()))
        .findFirst()
        .map(what -> what + ", and depends_on says restart");
  }

  private Optional<String> renewed(String dependency, Container owner, Container c) {
    if (situation.isLater(owner.createdAt(), c.startedAt())) {
      return Optional.of(dependency + " was replaced");
    }
    return Optional.ofNullable(situation.intents().restarts().get(dependency))
        .filter(
            at -> situation.isLater(at, c.startedAt()) && !situation.isLater(at, owner.startedAt()))
        .map(at -> dependency + " was restarted by an operator");
  }

  private Optional<String> requested(Service service, Container c) {
    return Optional.ofNullable(situation.intents().restarts().get(service.name()))
        .filter(at -> situation.isLater(at, c.startedAt()))
        .map(at -> "restart asked for by an operator");
  }

  /// Restarts on request roll: one at a time, each healthy before the next. One that fails holds no
  /// other back.
  private Optional<String> earlierRestart(Slot slot) {
    return view.allSlots()
        .takeWhile(s -> !s.equals(slot))
        .filter(s -> situation.intents().restarts().containsKey(s.service().name()))
        .filter(s -> !situation.isStoppedByOperator(s.service().name()))
        .filter(s -> !dependencies.hasFailed(s))
        .filter(s ->
            !dependencies.isWell(s)
                || s.right()
                    .filter(Container::running)
                    .flatMap(c -> requested(s.service(), c))
                    .isPresent())
        .map(s -> s.service().name())
        .findFirst();
  }
}
