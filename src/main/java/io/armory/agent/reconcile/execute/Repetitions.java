package io.armory.agent.reconcile.execute;

import io.armory.agent.domain.stack.Action;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Actions that were done and are still asked for: the engine said yes, and nothing changed. Each
/// repetition waits for its subject's backoff, so that nothing is done over and over at the speed
/// of the loop. What is started or restarted has that backoff anyway. Owned by the loop's thread.
final class Repetitions {
  /// Done → its repetition has waited.
  private final Map<Action, Boolean> done = new HashMap<>();

  /// @return whether it had been done before, and was asked for ever since
  boolean done(Action action) {
    return !ActionTracker.isRepair(action) && done.put(action, false) != null;
  }

  void failed(Action action) {
    done.remove(action);
  }

  /// Whether what is to be launched was done a moment ago. The next time it is asked for, it has
  /// waited.
  boolean isTooSoon(Action action) {
    return Boolean.FALSE.equals(done.replace(action, true));
  }

  /// What is not asked for any more has had its effect.
  ///
  /// @param asked by the newest plan
  /// @param open subjects of which that plan says nothing: busy, or delayed
  void forget(Set<Action> asked, Predicate<Action> open) {
    done.keySet().removeIf(a -> !asked.contains(a) && !open.test(a));
  }

  void forgetAll() {
    done.clear();
  }
}
