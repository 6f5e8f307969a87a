package io.armory.agent.reconcile.intent;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.report.HealthReport.Maintenance;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.reconcile.desired.StateDocuments;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// What operators asked for and what holds until they say otherwise: stopped services, restarts
/// under way, maintenance. All but restarts survive the agent. Owned by the loop's thread.
public final class OperatorIntents {
  private final PersistedState memory;
  private final StateDocuments documents;
  private Intents intents = Intents.NONE;
  private Optional<Maintenance> maintenance = Optional.empty();

  /// What is stopped, or will be once that is kept.
  private Map<String, Stopped> wanted = Map.of();

  public OperatorIntents(PersistedState memory, StateDocuments documents) {
    this.memory = memory;
    this.documents = documents;
  }

  public void recall() {
    documents
        .known(memory.stopped())
        .ifPresent(stopped -> {
          intents = new Intents(stopped, Map.of(), false);
          wanted = stopped;
        });
    documents.known(memory.maintenance()).ifPresent(kept -> maintenance = kept);
  }

  public Intents intents() {
    return intents;
  }

  public void intend(Intents changed) {
    intend(changed, _ -> {});
  }

  /// Holds in any case.
  ///
  /// @param ended told why it is not kept; empty: it is, or need not be
  public void intend(Intents changed, Consumer<Optional<Failure>> ended) {
    var stoppedBefore = intents.stopped();
    intents = changed;
    if (!changed.stopped().equals(stoppedBefore)) {
      wanted = changed.stopped();
      documents.persist("stopped", () -> memory.keepStopped(changed), ended);
    } else {
      ended.accept(Optional.empty());
    }
  }

  /// One that ended well on being stopped must not pass for completed when it is wanted again.
  public void restartAll(Stack stack, Instant now) {
    var restarts = new HashMap<>(intents.restarts());
    stack.services().keySet().stream()
        .filter(s -> !intents.stopped().containsKey(s))
        .forEach(s -> restarts.put(s, now));
    intents = new Intents(intents.stopped(), restarts, intents.removeOrphans());
  }

  public Optional<Maintenance> maintenance() {
    return maintenance;
  }

  public void maintain(Optional<Maintenance> changed) {
    maintain(changed, _ -> {});
  }

  /// A maintenance that cannot be kept is none: the next process would not know of it. The end of
  /// one holds in any case.
  ///
  /// @param ended told why it is not kept; empty: it is
  public void maintain(Optional<Maintenance> changed, Consumer<Optional<Failure>> ended) {
    var before = maintenance;
    maintenance = changed;
    if (changed.isEmpty()) {
      documents.persist("maintenance", () -> memory.keepMaintenance(changed), ended);
      return;
    }
    documents.persistNow(
        "maintenance",
        () -> memory.keepMaintenance(changed),
        failure -> {
          if (failure.isPresent() && maintenance.equals(changed)) {
            maintenance = before;
          }
          ended.accept(failure);
        });
  }

  /// Services are stopped when it is kept that they are to be: the next process would start them
  /// again.
  ///
  /// @param ended told why they are not; empty: they are wished to be
  public void stop(Map<String, Stopped> more, Consumer<Optional<Failure>> ended) {
    var all = new HashMap<>(wanted);
    more.forEach(all::putIfAbsent);
    wanted = all;
    documents.persistNow(
        "stopped",
        () -> memory.keepStopped(new Intents(all, Map.of(), false)),
        failure -> {
          if (failure.isPresent()) {
            wanted = intents.stopped();
          } else {
            var stopped = new HashMap<>(intents.stopped());
            more.forEach(stopped::putIfAbsent);
            intents = new Intents(stopped, intents.restarts(), false);
          }
          ended.accept(failure);
        });
  }

  public boolean isMaintenanceOver(Instant now) {
    return maintenance.filter(m -> !now.isBefore(m.until())).isPresent();
  }

  /// Restarts that are done are no wish any more.
  ///
  /// @param restarted whether a service is up again and nothing more is to be done about it
  public void forgetRestarts(Predicate<String> restarted) {
    if (intents.restarts().keySet().stream().noneMatch(restarted)) {
      return;
    }
    var left = new HashMap<>(intents.restarts());
    left.keySet().removeIf(restarted);
    intents = new Intents(intents.stopped(), left, intents.removeOrphans());
  }
}
