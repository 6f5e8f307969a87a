package io.armory.agent.adapter.docker.observe;

import io.armory.agent.adapter.docker.observe.InspectCache.Known;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine.Scope;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What earlier looks learned and nothing has put into doubt since: an action of the agent, an
/// event of the engine, or too long a time.
public final class ObservationCache {
  private static final Duration TRUSTED = Duration.ofMinutes(2);

  private final Map<String, Map<String, Known>> projects = new HashMap<>();

  /// As last read, by container ID: for when it cannot be read any more.
  private final Map<String, Observation.Container> lastRead = new HashMap<>();

  private final Troubles troubles = new Troubles();
  private @Nullable Beside beside;
  private long generation;

  /// What a project has beside its containers.
  ///
  /// @param at when it was asked for, by `System.nanoTime`
  record Beside(
      Scope scope,
      List<Observation.ObservedNetwork> networks,
      List<Observation.ObservedVolume> volumes,
      Map<String, String> images,
      List<Observation.Unknown> unknown,
      long at) {}

  /// By container ID.
  synchronized Map<String, Known> containers(String project) {
    return projects.getOrDefault(project, Map.of());
  }

  synchronized @Nullable Beside beside(Scope scope, long now) {
    var known = beside;
    return known != null && known.scope.equals(scope) && now - known.at < TRUSTED.toNanos()
        ? known
        : null;
  }

  Troubles troubles() {
    return troubles;
  }

  synchronized Observation.@Nullable Container lastRead(String id) {
    return lastRead.get(id);
  }

  /// Changes whenever something is forgotten.
  synchronized long generation() {
    return generation;
  }

  /// Everything else of the project is forgotten.
  ///
  /// @param since the generation when the look began; what was seen before an action ended is not
  ///   worth knowing
  synchronized void learn(String project, Map<String, Known> containers, Beside seen, long since) {
    containers.forEach((id, known) -> lastRead.put(id, known.container()));
    if (since == generation) {
      projects.put(project, Map.copyOf(containers));
      beside = seen.unknown().isEmpty() ? seen : null;
    }
  }

  /// Of these alone what was last read is kept.
  synchronized void retain(Set<String> ids) {
    lastRead.keySet().retainAll(ids);
    troubles.retain(ids);
  }

  /// After an action nothing is known any more.
  public synchronized void forget() {
    generation++;
    projects.clear();
    beside = null;
  }

  /// Something has happened to a container.
  ///
  /// @param id empty: to any
  /// @param alone and to nothing else of its project
  public synchronized void forget(String id, boolean alone) {
    if (id.isEmpty()) {
      forget();
      return;
    }
    generation++;
    beside = alone ? beside : null;
    projects.replaceAll((project, containers) -> {
      var others = new HashMap<>(containers);
      others.remove(id);
      return others;
    });
  }
}
