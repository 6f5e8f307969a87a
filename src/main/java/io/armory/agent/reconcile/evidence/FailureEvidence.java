package io.armory.agent.reconcile.evidence;

import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.stack.Observation.Container;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is kept of the containers that failed with their revisions, the newest last. Owned by the
/// loop's thread; what is kept may be read from others.
public final class FailureEvidence {
  /// Services, over several revisions.
  private static final int KEPT = 8;

  /// Containers whose last answer is known.
  private static final int ANSWERS = 32;

  private final Map<String, String> answers = new LinkedHashMap<>();
  private final Set<String> reading = new HashSet<>();
  private volatile List<Evidence> kept = List.of();

  /// The container that runs, or ran, by a definition; of several the newest. What another revision
  /// left behind says nothing about this one.
  public static Optional<Container> container(
      List<Container> all, String service, String definition) {
    return all.stream()
        .filter(c -> c.service().equals(service))
        .filter(c -> c.definitionHash().filter(definition::equals).isPresent())
        .max(
            Comparator.comparing(
                Container::createdAt, Comparator.nullsFirst(Comparator.naturalOrder())));
  }

  public void recalled(List<Evidence> before) {
    kept = List.copyOf(before);
  }

  /// @param body what its health check answered in full; empty: nothing
  public void answered(String container, String body) {
    if (!body.isEmpty()) {
      answers.remove(container);
      answers.put(container, body);
    }
    if (answers.size() > ANSWERS) {
      answers.remove(answers.keySet().iterator().next());
    }
  }

  /// The last that a container answered when it was unhealthy; empty: nothing is known.
  public String answered(String container) {
    return answers.getOrDefault(container, "");
  }

  /// Its container must not be removed until it was read.
  public void reads(String service) {
    reading.add(service);
  }

  public void read(Evidence evidence) {
    reading.remove(evidence.service());
    var all = new ArrayList<>(kept);
    all.removeIf(
        e -> e.service().equals(evidence.service()) && e.revision().equals(evidence.revision()));
    all.add(evidence);
    kept = List.copyOf(all.subList(Math.max(0, all.size() - KEPT), all.size()));
  }

  public Set<String> underWay() {
    return Set.copyOf(reading);
  }

  public List<Evidence> kept() {
    return kept;
  }
}
