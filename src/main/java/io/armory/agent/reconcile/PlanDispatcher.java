package io.armory.agent.reconcile;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.plan.PlanInput;
import io.armory.agent.plan.Planner;
import io.armory.agent.reconcile.execute.Backoffs;
import io.armory.agent.reconcile.observe.PausedContainers;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The plan of the moment, made and launched when enough is known to make one. On the loop's
/// thread.
final class PlanDispatcher {
  private static final Duration STRANGERS = Duration.ofSeconds(10);

  private final ReconcilerState state;
  private final PausedContainers pauses = new PausedContainers();
  private Plan plan = new Plan(List.of(), List.of(), List.of());
  private boolean isNew;

  PlanDispatcher(ReconcilerState state) {
    this.state = state;
    state.time().whenSet(pauses::clockSet);
  }

  /// The last one that was made.
  Plan plan() {
    return plan;
  }

  /// Whether the last one was made from the newest look: an older one says nothing about what was
  /// asked for since.
  boolean isNew() {
    return isNew;
  }

  void act() {
    var observed = state.eyes().observed();
    isNew = false;
    observed.ifPresent(o -> pauses.looked(o, state.now()));
    if (observed.isEmpty() || !isEnoughKnown()) {
      observed.ifPresent(this::stopStrangers);
      return;
    }
    var situation = situation(observed.get());
    plan = Planner.plan(situation);
    if (state.inputs().sources().isRoleless() && !state.course().isDraining()) {
      plan = asked(plan);
    }
    isNew = true;
    state.hands().planned(plan, situation.busy(), state.now());
    for (var step : plan.steps()) {
      var isRepair = isRepair(step, observed.get());
      if (isRepair) {
        state.history().restarted(step.action().subject(), state.now());
        countVain(step.action(), observed.get());
      }
      if (state.hands().launch(step, mended(step, isRepair, observed.get()), state.now())
          && state.ownStops().launched(step, observed.get(), state.now())) {
        state.keepOwnStops();
      }
    }
  }

  /// Containers of another machine, whose disk or image this one was made of, are stopped: the
  /// engine may have started them. With a revision of its own in force, the planner minds them.
  private void stopStrangers(Observed observed) {
    var before = state.parts().archive().strangersBefore();
    if (before.isEmpty()
        || state.inputs().inForce().isPresent()
        || state.eyes().isBlind()
        || state.eyes().isInDoubt()) {
      return;
    }
    var busy = state.hands().busySince(state.eyes().sequence());
    var steps =
        observed.containers().stream()
            .filter(c -> c.active() && !busy.contains(c.service()))
            .filter(c -> c.createdAt() != null && c.createdAt().isBefore(before.get()))
            .map(c ->
                new Plan.Step(
                    new Action.StopContainer(c.service(), c.name(), c.id(), STRANGERS, List.of()),
                    "it is of another machine, whose disk this one was made of"))
            .toList();
    plan = new Plan(steps, List.of(), List.of());
    var nothing = new Backoffs.Mended(Backoffs.Sign.NONE, false, state.now());
    for (var step : steps) {
      var _ = state.hands().launch(step, nothing, state.now());
    }
  }

  /// Where the sources say that nothing is to run here, nothing is done that no operator asked for.
  private Plan asked(Plan plan) {
    var intents = state.intents();
    return new Plan(
        plan.steps().stream()
            .filter(s ->
                switch (s.action()) {
                  case Action.StopContainer stop -> intents.stopped().containsKey(stop.service());
                  case Action.RestartContainer restart ->
                      intents.restarts().containsKey(restart.service());
                  default -> false;
                })
            .toList(),
        List.of(),
        List.of());
  }

  /// A start that is ended because its port never opened: the next has longer.
  private void countVain(Action action, Observed observed) {
    var service = state.stack().services().get(action.subject());
    if (service != null
        && action instanceof Action.RestartContainer restart
        && observed.container(restart.id()).filter(state.eyes()::neverOpened).isPresent()) {
      var starts = state.eyes().slowStarts();
      starts.endedInVain(service);
      var all = starts.all();
      state.documents().persist("slow-starts", () -> state.memory().keepSlowStarts(all));
    }
  }

  private boolean isEnoughKnown() {
    var inForce = state.inputs().inForce();
    return !state.eyes().isBlind()
        && !state.eyes().isInDoubt()
        && inForce.isPresent()
        && state.looker().lookedFor(inForce.map(Revision::id))
        && state.inputs().filesReady();
  }

  private PlanInput situation(Observed observed) {
    var stack = state.stack();
    var group = state.group();
    var busy = new HashSet<>(state.hands().busySince(state.eyes().sequence()));
    busy.addAll(group.undecided(stack));
    busy.addAll(state.history().evidence().underWay());
    var standby = group.standby(stack);
    standby.keySet().removeAll(group.undecided(stack));
    var held = state.rollout().heldImages();
    var pulled = new HashSet<>(state.hands().pulled());
    pulled.addAll(held.keySet());
    pulled.addAll(state.hands().fresh(stack, state.now()));
    return new PlanInput(
        stack,
        observed.withImages(held),
        state.eyes().health(stack),
        busy,
        state.intents(),
        delays(),
        state.eyes().deaths().all(),
        state.rollout().since(),
        state.postStarts().all(),
        state.eyes().unstartable(),
        pulled,
        standby,
        group.shared(),
        state.course().drain(),
        state.inputs().serviceChanges(),
        new PlanInput.Beside(state.looker().host().freeMemory(), state.eyes().nameless()),
        state.now());
  }

  private Map<String, PlanInput.Delay> delays() {
    var all = new HashMap<>(state.hands().backoffs().delays(state.now()));
    all.putAll(pauses.delays(state.wishes().maintenance(), state.now()));
    return all;
  }

  /// Somebody keeps a container from working, which says nothing about a revision.
  boolean isAnyPaused() {
    return pauses.isAny();
  }

  /// Nothing is left to be done, as far as the newest look tells. An empty plan of the revision
  /// before says nothing about this one.
  boolean isConverged() {
    return isNew && nothingRequiredIsLeft() && state.hands().isIdle() && state.looker().isSettled();
  }

  /// A service that does not count for readiness does not hold a revision back either.
  private boolean nothingRequiredIsLeft() {
    var services = state.stack().services();
    return subjects()
        .allMatch(subject -> services.containsKey(subject) && services.get(subject).optional());
  }

  /// What something is to be done to, or waited for. A service may be up beside it: one replica too
  /// many serves for another that is broken.
  Set<String> unsettled() {
    return subjects().collect(Collectors.toSet());
  }

  private Stream<String> subjects() {
    return Stream.concat(
        plan.steps().stream().filter(s -> !isHousekeeping(s)).map(s -> s.action().subject()),
        plan.waits().stream().map(Plan.Wait::service));
  }

  /// It removes what a service of the revision does not need any more.
  private boolean isHousekeeping(Plan.Step step) {
    return step.action() instanceof Action.RemoveContainer removal
        && state.stack().services().containsKey(removal.service());
  }

  void forgetDoneRestarts(HealthReport report) {
    var wishes = state.wishes();
    if (wishes.intents().restarts().isEmpty()) {
      return;
    }
    var busy = new HashSet<>(state.hands().busySince(state.eyes().sequence()));
    subjects().forEach(busy::add);
    var up =
        report.services().stream()
            .filter(ServiceReport::isUp)
            .map(ServiceReport::name)
            .collect(Collectors.toSet());
    wishes.forgetRestarts(s -> up.contains(s) && !busy.contains(s));
  }

  private static Backoffs.Sign sign(Plan.Step step, boolean isRepair) {
    return switch (step.cause().kind()) {
      case FIRST_START -> Backoffs.Sign.FIRST;
      case PREDECESSOR, OPERATOR -> Backoffs.Sign.NONE;
      case DIFFERENCE -> isRepair ? Backoffs.Sign.FELL : Backoffs.Sign.NONE;
    };
  }

  private Backoffs.Mended mended(Plan.Step step, boolean isRepair, Observed observed) {
    var sign = sign(step, isRepair);
    if (!(step.action() instanceof Action.StartContainer start)) {
      return new Backoffs.Mended(sign, false, state.now());
    }
    var excused = state.eyes().deaths().isExcused(start.id(), start.service());
    var endedAt = observed.container(start.id()).map(Container::finishedAt);
    return new Backoffs.Mended(sign, excused, endedAt.orElse(state.now()));
  }

  /// What was stopped on purpose, or is to be restarted as somebody asked, is not mended.
  private boolean isRepair(Plan.Step step, Observed observed) {
    return switch (step.action()) {
      case Action.RestartContainer restart -> !isAskedFor(restart, observed);
      case Action.StartContainer start ->
          step.cause().kind() != Cause.Kind.FIRST_START
              && !state.ownStops().covers(start.id())
              && observed.container(start.id()).filter(state.history()::endedBefore).isEmpty();
      default -> false;
    };
  }

  private boolean isAskedFor(Action.RestartContainer restart, Observed observed) {
    var asked = state.intents().restarts().get(restart.service());
    var since = observed.container(restart.id()).map(Container::startedAt);
    return asked != null && since.filter(asked::isAfter).isPresent();
  }
}
