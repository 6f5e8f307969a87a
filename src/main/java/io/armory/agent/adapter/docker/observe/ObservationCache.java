package io.armory.agent.adapter.docker.observe;

import io.armory.agent.adapter.docker.http.DeadlineCalls;
import io.armory.agent.adapter.docker.http.Session;
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

  /// Containers are listed once in that time, whatever the engine remembers.
  private static final Duration LISTED = Duration.ofMinutes(1);

  private final Map<String, Map<String, Known>> projects = new HashMap<>();

  /// As last read, by container ID: for when it cannot be read any more.
  private final Map<String, Observation.Container> lastRead = new HashMap<>();

  private final Troubles troubles = new Troubles();
  private @Nullable Beside beside;
  private @Nullable Whole whole;
  private long generation;

  /// The newest event the engine remembered when it was last asked, and when it is asked again, by
  /// `System.nanoTime`.
  private EventMemory.@Nullable Event newest;

  private long remindAt = System.nanoTime();

  /// All containers of a project, none of them unknown.
  ///
  /// @param at when they were listed, by `System.nanoTime`
  private record Whole(Scope scope, List<Observation.Container> containers, long at) {}

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

  /// All containers, if nothing has put them into doubt; `null`: they are to be listed.
  synchronized @Nullable List<Observation.Container> whole(Scope scope, long now) {
    var known = whole;
    return known != null && known.scope.equals(scope) && now - known.at < LISTED.toNanos()
        ? known.containers
        : null;
  }

  /// Whether the engine's memory proves that nothing has happened since it was last asked, and so
  /// since the last list. Where it does not reach back, it is left alone for a while.
  boolean isQuiet(Session session, DeadlineCalls calls) {
    EventMemory.Event before;
    synchronized (this) {
      if (System.nanoTime() - remindAt < 0) {
        return false;
      }
      before = newest;
    }
    var told = EventMemory.since(before, session, calls);
    synchronized (this) {
      newest = told.newest();
      if (newest == null || (before != null && !told.held())) {
        remindAt = System.nanoTime() + TRUSTED.toNanos();
      }
      whole = told.quiet() ? whole : null;
      return told.quiet();
    }
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
  /// @param all the containers; `null`: some are not known
  /// @param at when they were listed, by `System.nanoTime`
  synchronized void learn(
      Scope scope,
      Map<String, Known> containers,
      Beside seen,
      long since,
      @Nullable List<Observation.Container> all,
      long at) {
    containers.forEach((id, known) -> lastRead.put(id, known.container()));
    if (since == generation) {
      projects.put(scope.project(), Map.copyOf(containers));
      beside = seen.unknown().isEmpty() ? seen : null;
      whole = all == null ? null : new Whole(scope, List.copyOf(all), at);
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
    whole = null;
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
    whole = null;
    projects.replaceAll((project, containers) -> {
      var others = new HashMap<>(containers);
      others.remove(id);
      return others;
    });
  }
}
