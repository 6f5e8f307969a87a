package io.armory.agent.reconcile;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Plan;
import io.armory.agent.domain.Revision;
import io.armory.agent.domain.Stack;
import java.time.Instant;
import java.util.function.Consumer;

/// All that the loop knows, and what it works with: its parts share it. Owned by the loop's thread.
record LoopState(
    LoopParts parts,
    LoopTime time,
    Memory memory,
    Inputs inputs,
    Wishes wishes,
    Course course,
    Rollout rollout,
    ServiceHistory history,
    PostStarts postStarts,
    OwnStops ownStops,
    Prober prober,
    Eyes eyes,
    Looker looker,
    Hands hands,
    Group group) {

  /// @param mailbox where what happens on other threads is told
  static LoopState of(LoopParts parts, Consumer<Message> mailbox) {
    var memory = new Memory(parts.state());
    var inputs = new Inputs(parts, mailbox);
    var postStarts = new PostStarts();
    var ownStops = new OwnStops();
    var prober = new Prober(parts.probe(), mailbox, parts.clock());
    var state =
        new LoopState(
            parts,
            new LoopTime(parts.clock(), parts.steady()),
            memory,
            inputs,
            new Wishes(memory, inputs),
            new Course(memory, inputs),
            new Rollout(parts.settings().rolloutTimeout()),
            new ServiceHistory(),
            postStarts,
            ownStops,
            prober,
            new Eyes(prober, postStarts, ownStops, new SlowStarts(parts.engine(), mailbox)),
            new Looker(parts, mailbox),
            new Hands(new Crew(parts.engine(), mailbox), parts.events(), parts.settings()),
            new Group(parts.shared(), mailbox, parts.clock()));
    state.time.whenSet(state.course::clockSet);
    state.time.whenSet(state.rollout::clockSet);
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
    inputs.known("state", memory.postStarts()).ifPresent(postStarts::recalled);
    inputs.known("state", memory.ownStops()).ifPresent(ownStops::recalled);
    inputs.known("state", memory.slowStarts()).ifPresent(eyes.slowStarts()::recalled);
    course.recall();
    inputs.known("state", memory.evidence()).ifPresent(history.evidence()::recalled);
    inputs.known("state", memory.rejected()).ifPresent(rollout::rejectedBefore);
    inputs.known("state", memory.facts()).flatMap(kept -> kept).ifPresent(inputs::recalled);
    inputs.recall().ifPresent(rollout::knownGood);
  }

  void keepOwnStops() {
    var all = ownStops.all();
    inputs.persist(() -> memory.keepOwnStops(all));
  }

  Instant now() {
    return time.now();
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

  void event(String kind, String subject, String what, String why) {
    parts.events().append(new AgentEvent(now(), kind, subject, what, why, null));
  }

  LoopFacts facts(Plan plan) {
    return new LoopFacts(
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
