package io.armory.agent.adapter.docker.observe;

import io.armory.agent.domain.stack.Observation.Thing;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// What could not be read by itself lately: since when, and when it was last waited for in full. A
/// thing that does not answer costs one look its patience, not every look.
final class Troubles {
  private static final long AGAIN_NANOS = java.time.Duration.ofSeconds(20).toNanos();

  private final Map<Subject, Trouble> known = new HashMap<>();

  record Subject(Thing thing, String key) {}

  private record Trouble(Instant since, long waitedAt) {}

  /// Whether it did not answer a short while ago, so that it is worth no long wait.
  synchronized boolean isSilent(Subject subject, long now) {
    var trouble = known.get(subject);
    return trouble != null && now - trouble.waitedAt < AGAIN_NANOS;
  }

  /// @param waited whether it was waited for in full
  /// @return since when it cannot be read
  synchronized Instant failed(Subject subject, boolean waited, Instant at, long now) {
    var before = known.get(subject);
    var since = before == null ? at : before.since;
    var waitedAt = before == null || waited ? now : before.waitedAt;
    known.put(subject, new Trouble(since, waitedAt));
    return since;
  }

  synchronized void mended(Subject subject) {
    known.remove(subject);
  }

  /// Of containers that are gone nothing is kept.
  synchronized void retain(Set<String> containers) {
    known.keySet().removeIf(s -> s.thing() == Thing.CONTAINER && !containers.contains(s.key()));
  }
}
