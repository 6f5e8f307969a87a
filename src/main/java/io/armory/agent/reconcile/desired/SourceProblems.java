package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is wrong with where the desired state comes from and is kept, by what it is about: the last
/// word on each. Owned by the loop's thread.
public final class SourceProblems {
  static final String SOURCES = "sources";
  static final String REVISION = "revision";

  /// What the agent before this one kept.
  static final String KEPT = "last known good revision";

  private final Map<String, List<Problem>> all = new LinkedHashMap<>();
  private List<Problem> said = List.of();
  private boolean saidStale;

  void put(String about, List<Problem> wrong) {
    all.put(about, wrong);
  }

  /// @return whether that is news
  public boolean putNew(String about, Problem wrong) {
    return !List.of(wrong).equals(all.put(about, List.of(wrong)));
  }

  void put(String about, String what) {
    all.put(about, List.of(new Problem(about, what, "")));
  }

  public void settle(String about) {
    all.remove(about);
  }

  List<Problem> of(String about) {
    return all.getOrDefault(about, List.of());
  }

  List<Problem> all() {
    var every = new ArrayList<Problem>();
    all.values().forEach(every::addAll);
    return every;
  }

  /// What is wrong with the sources, when that is news; empty inside: nothing any more. A source
  /// that cannot be read has new words each time: that it cannot is news once. What was said before
  /// is said again only after an outage.
  Optional<List<Problem>> news(boolean stale) {
    var wrong = of(stale ? SOURCES : REVISION);
    if (stale ? saidStale : !saidStale && wrong.equals(said)) {
      return Optional.empty();
    }
    var unsaid = new ArrayList<>(wrong);
    if (!stale && !saidStale) {
      unsaid.removeAll(said);
    }
    saidStale = stale;
    said = wrong;
    return unsaid.isEmpty() && !wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(List.copyOf(unsaid));
  }
}
