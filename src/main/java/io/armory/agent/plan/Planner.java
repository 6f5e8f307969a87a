package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Service;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/// Desired + observed + now → the next safe steps, each with its cause, and what is waited for. An
/// interrupted agent needs no recovery: whatever state it left is simply observed again.
public final class Planner {
  private Planner() {}

  public static Plan plan(PlanInput situation) {
    var view = new ObservedSlots(situation);
    var draft = new PlanBuilder(situation);

    var resources = new ResourceSteps(view, draft);
    resources.plan();
    var images = new ImageSteps(view, draft);
    images.plan();
    var services = new ServiceSteps(view, draft, resources, images);
    view.topology.sorted().values().forEach(services::plan);
    new ScaleDown(view, draft).plan();
    orphans(view, draft);
    unknown(situation, draft);

    return situation
        .drain()
        .map(d -> Draining.fit(draft.plan(), situation, d))
        .orElseGet(draft::plan);
  }

  private static void unknown(PlanInput situation, PlanBuilder draft) {
    for (var u : situation.observed().unknown()) {
      draft.notice(
          u.thing().name().toLowerCase(Locale.ROOT) + " " + u.name(),
          "it cannot be read since %s: %s; it is left alone until it can"
              .formatted(u.since().truncatedTo(ChronoUnit.SECONDS), u.reason()));
    }
  }

  private static void orphans(ObservedSlots view, PlanBuilder draft) {
    var remove = view.situation.intents().removeOrphans();
    for (var c : view.orphans()) {
      if (view.isUnknown(c)) {
        continue;
      }
      if (!remove) {
        draft.notice(
            c.service(),
            "container %s is an orphan: no service of the revision defines it; `armory-agent sync --remove-orphans` removes it"
                .formatted(c.name()));
      } else if (c.state() == State.REMOVING) {
        draft.waitFor(c.service(), "container " + c.name() + " is being removed");
      } else {
        draft.stepNow(
            Slot.isActive(c)
                ? new Action.StopContainer(
                    c.service(), c.name(), c.id(), Service.DEFAULT_STOP_GRACE, List.of())
                : new Action.RemoveContainer(c.service(), c.name(), c.id(), false),
            "orphan, to be removed on request");
      }
    }
  }
}
