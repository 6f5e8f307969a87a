package io.armory.agent.reconcile.observe;

import io.armory.agent.domain.stack.Action;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// For which life of which container the `post_start` commands are done: the engine does not know.
/// Kept across the agent's own restarts; what it did not live to note is run once more. Owned by
/// the loop's thread.
public final class PostStartRecord {
  private final Map<String, Instant> done = new HashMap<>();

  public void recalled(Map<String, Instant> kept) {
    done.putAll(kept);
  }

  public void done(Action.RunHooks run) {
    done.put(run.id(), run.startedAt());
  }

  void retain(Set<String> containers) {
    done.keySet().retainAll(containers);
  }

  /// Container ID → when the life began that they are done for.
  public Map<String, Instant> all() {
    return Map.copyOf(done);
  }
}
