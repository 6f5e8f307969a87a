package io.armory.agent.reconcile;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.reconcile.desired.Approvals;
import io.armory.agent.reconcile.desired.DesiredState;
import io.armory.agent.reconcile.desired.Rollout;
import io.armory.agent.reconcile.desired.StateDocuments;
import io.armory.agent.reconcile.execute.ActionTracker;
import io.armory.agent.reconcile.intent.DrainState;
import io.armory.agent.reconcile.intent.OperatorIntents;
import io.armory.agent.reconcile.intent.PersistedState;
import io.armory.agent.reconcile.observe.EngineObserver;
import io.armory.agent.reconcile.observe.IntendedStops;
import io.armory.agent.reconcile.observe.ObservedState;
import io.armory.agent.reconcile.observe.PostStartRecord;
import io.armory.agent.reconcile.observe.SlowStarts;
import io.armory.agent.reconcile.report.ReportInput;
import io.armory.agent.reconcile.report.ServiceHistory;
import io.armory.agent.reconcile.shared.ClusterState;
import io.armory.agent.reconcile.shared.TurnFacts;
import java.time.Instant;

/// All that the loop knows, and what it works with: its parts share it. Owned by the loop's thread.
record ReconcilerState(
    CorePorts parts,
    Effects effects,
    ReconcilerClock time,
    PersistedState memory,
    DesiredState inputs,
    OperatorIntents wishes,
    DrainState course,
    Rollout rollout,
    ServiceHistory history,
    PostStartRecord postStarts,
    IntendedStops ownStops,
    ObservedState eyes,
    EngineObserver looker,
    ActionTracker hands,
    ClusterState group) {

  static ReconcilerState of(CorePorts parts, ClusterState group, ReconcilerClock.Tick begin) {
    var effects = new Effects();
    var memory = new PersistedState(parts.state());
    var inputs =
        new DesiredState(parts.settings().approval(), parts.archive(), parts.files(), effects);
    var postStarts = new PostStartRecord();
    var ownStops = new IntendedStops();
    var state =
        new ReconcilerState(
            parts,
            effects,
            new ReconcilerClock(begin, effects),
            memory,
            inputs,
            new OperatorIntents(memory, inputs.documents()),
            new DrainState(memory, inputs.documents()),
            new Rollout(parts.settings().rolloutTimeout(), parts.settings().rolloutBake()),
            new ServiceHistory(),
            postStarts,
            ownStops,
            new ObservedState(effects, postStarts, ownStops, new SlowStarts(effects)),
            new EngineObserver(parts.settings(), effects),
            new ActionTracker(effects, parts.settings(), parts.random()),
            group);
    state.time.whenSet(state.course::clockSet);
    state.time.whenSet(state.rollout::clockSet);
    state.time.whenStoodStill(state.rollout::unseen);
    state.time.whenSet(state.eyes::clockSet);
    state.time.whenSet(state.history::clockSet);
    state.time.whenSet(state.inputs::clockSet);
    state.time.whenSet(state.group::clockSet);
    state.time.whenSet(state.ownStops::clockSet);
    state.time.whenSet(state.hands.trouble()::clockSet);
    return state;
  }

  /// What the agent before this one kept.
  void recall() {
    wishes.recall();
    documents().known(memory.postStarts()).ifPresent(postStarts::recalled);
    documents().known(memory.ownStops()).ifPresent(ownStops::recalled);
    documents().known(memory.slowStarts()).ifPresent(eyes.slowStarts()::recalled);
    course.recall();
    documents().known(memory.evidence()).ifPresent(history.evidence()::recalled);
    documents().known(memory.approvals()).ifPresent(inputs.approvals()::recalled);
    documents().known(memory.rejected()).ifPresent(rollout::rejectedBefore);
    documents().known(memory.history()).ifPresent(inputs.history()::recalled);
    documents().known(memory.facts()).flatMap(kept -> kept).ifPresent(inputs.sources()::recalled);
    inputs.recall().ifPresent(rollout::knownGood);
    documents().known(memory.hold()).flatMap(kept -> kept).ifPresent(inputs::recalled);
  }

  void keepOwnStops() {
    var all = ownStops.all();
    documents().persist("own-stops", () -> memory.keepOwnStops(all));
  }

  Instant now() {
    return time.now();
  }

  /// What is kept for the agent after this one.
  StateDocuments documents() {
    return inputs.documents();
  }

  Stack stack() {
    return inputs
        .inForce()
        .map(Revision::stack)
        .orElseGet(() -> Stack.none(parts.settings().project()));
  }

  /// What is to be done beside the revision.
  Intents intents() {
    return course.intents(wishes.intents(), stack());
  }

  /// What the group's turns depend on.
  TurnFacts turnFacts() {
    return new TurnFacts(
        inputs.inForce(),
        rollout.good(),
        rollout.isProven(),
        rollout.goodAt(),
        rollout.rejected(),
        inputs.sources().identity(),
        course.isDraining(),
        inputs.approvals().given(),
        inputs.approvals().waiting().map(Approvals.Waiting::revision));
  }

  void event(String kind, String subject, String what, String why) {
    effects.event(new AgentEvent(now(), kind, subject, what, why, null));
  }

  ReportInput facts(Plan plan) {
    return new ReportInput(
        eyes,
        hands,
        rollout,
        history,
        inputs,
        intents(),
        plan,
        stack(),
        looker.host(),
        wishes.maintenance(),
        course.report(rollout.hopeless()),
        group);
  }
}
