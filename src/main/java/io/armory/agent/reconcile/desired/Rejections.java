package io.armory.agent.reconcile.desired;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The revisions, and the images by [ProvenImages#key], that failed, and why. None is tried again
/// until it changes, or somebody asks for it. Owned by the loop's thread.
final class Rejections {
  private final LinkedHashMap<String, String> reasons = new LinkedHashMap<>();

  /// Which of the rejected revisions the sources ask for.
  private @Nullable String refrained;

  void before(Map<String, String> kept) {
    reasons.putAll(kept);
  }

  boolean contains(String key) {
    return reasons.containsKey(key);
  }

  String why(String key) {
    return reasons.getOrDefault(key, "");
  }

  Map<String, String> all() {
    return Map.copyOf(reasons);
  }

  Optional<String> refrained() {
    return Optional.ofNullable(refrained);
  }

  /// The sources ask for this revision.
  void offered(String revision) {
    refrained = contains(revision) ? revision : null;
  }

  /// The sources' revision failed.
  void revision(String id, String why) {
    reasons.put(id, why);
    refrained = id;
  }

  void image(String key, String why) {
    reasons.put(key, why);
  }

  void explain(String revision, String more) {
    reasons.computeIfPresent(revision, (id, why) -> why + more);
  }

  /// All images, and the revision of the sources, may be tried again.
  ///
  /// @return whether one was rejected
  boolean forgive() {
    var forgiven = refrained;
    var image = reasons.keySet().removeIf(ProvenImages::isKey);
    return (forgiven != null && forgive(forgiven)) || image;
  }

  boolean forgive(String revision) {
    refrained = revision.equals(refrained) ? null : refrained;
    return reasons.remove(revision) != null;
  }
}
