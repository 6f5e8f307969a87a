package io.armory.agent.reconcile;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.LifecycleReport;
import io.armory.agent.domain.Plan;
import io.armory.agent.domain.Stack;
import io.armory.agent.plan.Situation;
import io.armory.agent.plan.StopBudget;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where the node is in its life: in service, or draining and why; what its group and EC2 say. A
/// drain survives the agent. Owned by the loop's thread.
final class Course {
  private final Memory memory;
  private final Inputs inputs;
  private Optional<Drain> drain = Optional.empty();
  private Optional<String> overruled = Optional.empty();
  private Optional<String> state = Optional.empty();
  private List<String> notices = List.of();
  private boolean endsTheUnready;

  Course(Memory memory, Inputs inputs) {
    this.memory = memory;
    this.inputs = inputs;
  }

  void recall() {
    drain = inputs.known("state", memory.drain()).flatMap(kept -> kept);
    overruled = inputs.known("state", memory.overruled()).filter(why -> !why.isEmpty());
  }

  Optional<Drain> drain() {
    return drain;
  }

  /// Whether the Auto Scaling group ends an instance for not being ready; not known: no.
  boolean endsTheUnready() {
    return endsTheUnready;
  }

  boolean isDraining() {
    return drain.isPresent();
  }

  /// @param now empty: the node goes back into service
  void drain(Optional<Drain> now) {
    if (!now.equals(drain)) {
      drain = now;
      // The next boot is not on its way down.
      inputs.persist(() -> memory.keepDrain(now.filter(d -> d.cause() != Drain.Cause.SHUTDOWN)));
    }
  }

  void clockSet(Duration by) {
    drain(drain.map(d -> d.clockSet(by)));
  }

  void heard(Optional<String> groupState, List<String> said, boolean groupEndsTheUnready) {
    state = groupState;
    notices = said;
    endsTheUnready = groupEndsTheUnready;
  }

  /// What is to be done, the drain minded: once it stops, no service is wanted.
  Intents intents(Intents asked, Stack stack) {
    if (drain.filter(Drain::stops).isEmpty()) {
      return asked;
    }
    var by = new Stopped("the drain: " + drain.get().why(), drain.get().since());
    var stopped = new HashMap<>(asked.stopped());
    stack.services().keySet().forEach(s -> stopped.putIfAbsent(s, by));
    return new Intents(stopped, Map.of(), asked.removeOrphans());
  }

  /// A plan as a draining node may carry it out: nothing new is made, what is well goes on until
  /// the drain itself stops it, and stops fit into what time there is.
  Plan fit(Plan plan, Situation situation) {
    if (drain.isEmpty()) {
      return plan;
    }
    var steps =
        plan.steps().stream()
            .filter(s -> !(s.action() instanceof Action.CreateContainer))
            .filter(s -> !(s.action() instanceof Action.PullImage))
            .filter(s -> drain.get().stops() || !cutsOff(s.action(), situation))
            .toList();
    return StopBudget.fit(
        new Plan(steps, plan.waits(), plan.notices()), situation, drain.get().deadline());
  }

  /// Work that the drain waits for would be lost to a replacement, which nobody needs any more.
  private static boolean cutsOff(Action action, Situation situation) {
    return action instanceof Action.StopContainer stop
        && !situation.isWantedStopped(stop.service())
        && situation.isWell(stop.id());
  }

  /// A drain that an operator undid is not begun again for the same reason.
  void overrule(Drain undone) {
    overruled = Optional.of(undone.why());
    inputs.persist(() -> memory.keepOverruled(undone.why()));
  }

  boolean isOverruled(Drain wanted) {
    return wanted.isUndoable() && overruled.filter(wanted.why()::equals).isPresent();
  }

  LifecycleReport report(Optional<String> hopeless) {
    return new LifecycleReport(state, notices, drain, hopeless);
  }
}
