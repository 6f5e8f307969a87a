package io.armory.agent.plan;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;

/// What a node on its way out of service may still do: nothing new is made, what is well goes on
/// until the drain itself stops it, and stops fit into the time that there is.
final class Draining {
  private Draining() {}

  static Plan fit(Plan plan, PlanInput situation, Drain drain) {
    var steps =
        plan.steps().stream()
            .filter(s -> !(s.action() instanceof Action.CreateContainer))
            .filter(s -> !(s.action() instanceof Action.PullImage))
            .filter(s -> drain.stops() || !cutsOff(s.action(), situation))
            .toList();
    return StopBudget.fit(
        new Plan(steps, plan.waits(), plan.notices()), situation, drain.deadline());
  }

  /// Work that the drain waits for would be lost to a replacement, which nobody needs any more.
  private static boolean cutsOff(Action action, PlanInput situation) {
    return action instanceof Action.StopContainer stop
        && !situation.isWantedStopped(stop.service())
        && situation.isWell(stop.id());
  }
}
