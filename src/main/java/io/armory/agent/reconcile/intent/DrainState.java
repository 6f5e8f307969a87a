package io.armory.agent.reconcile.intent;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.ScheduledEvent;
import io.armory.agent.domain.report.LifecycleReport;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.reconcile.desired.StateDocuments;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where the node is in its life: in service, or draining and why; what its group and EC2 say. A
/// drain survives the agent. Owned by the loop's thread.
public final class DrainState {
  private final PersistedState memory;
  private final StateDocuments documents;
  private Optional<Drain> drain = Optional.empty();
  private Optional<String> overruled = Optional.empty();
  private Optional<String> state = Optional.empty();
  private List<String> notices = List.of();
  private List<ScheduledEvent> scheduled = List.of();
  private boolean endsTheUnready;

  public DrainState(PersistedState memory, StateDocuments documents) {
    this.memory = memory;
    this.documents = documents;
  }

  public void recall() {
    drain = documents.known(memory.drain()).flatMap(kept -> kept);
    overruled = documents.known(memory.overruled()).filter(why -> !why.isEmpty());
  }

  public Optional<Drain> drain() {
    return drain;
  }

  /// Whether the Auto Scaling group ends an instance for not being ready; not known: no.
  public boolean endsTheUnready() {
    return endsTheUnready;
  }

  public boolean isDraining() {
    return drain.isPresent();
  }

  /// @param now empty: the node goes back into service
  public void drain(Optional<Drain> now) {
    if (!now.equals(drain)) {
      drain = now;
      // The next boot is not on its way down.
      documents.persist(
          "drain", () -> memory.keepDrain(now.filter(d -> d.cause() != Drain.Cause.SHUTDOWN)));
    }
  }

  public void clockSet(Duration by) {
    drain(drain.map(d -> d.clockSet(by)));
  }

  public void heard(Optional<String> groupState, List<String> said, boolean groupEndsTheUnready) {
    state = groupState;
    notices = said;
    endsTheUnready = groupEndsTheUnready;
  }

  public void scheduled(List<ScheduledEvent> events) {
    scheduled = events;
  }

  /// What is to be done, the drain minded: once it stops, no service is wanted.
  public Intents intents(Intents asked, Stack stack) {
    if (drain.filter(Drain::stops).isEmpty()) {
      return asked;
    }
    var by = new Stopped("the drain: " + drain.get().why(), drain.get().since());
    var stopped = new HashMap<>(asked.stopped());
    stack.services().keySet().forEach(s -> stopped.putIfAbsent(s, by));
    return new Intents(stopped, Map.of(), asked.removeOrphans());
  }

  /// A drain that an operator undid is not begun again for the same reason.
  public void overrule(Drain undone) {
    overruled = Optional.of(undone.why());
    documents.persist("overruled", () -> memory.keepOverruled(undone.why()));
  }

  public boolean isOverruled(Drain wanted) {
    return wanted.isUndoable() && overruled.filter(wanted.why()::equals).isPresent();
  }

  public LifecycleReport report(Optional<String> hopeless) {
    return new LifecycleReport(state, notices, drain, hopeless, scheduled);
  }
}
