package io.armory.agent.reconcile.observe;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import io.armory.agent.reconcile.ReconcilerSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// When the engine is looked at, and for which revision.
public final class EngineObserver {
  private static final Duration WHEN_BLIND = Duration.ofSeconds(1);

  /// What a look is begun for.
  public enum Want {
    /// Its time alone.
    NOTHING,
    /// Something happened to single containers.
    CONTAINERS,
    EVERYTHING
  }

  private final ReconcilerSettings settings;
  private final Effects effects;
  private HealthReport.Host host = new HealthReport.Host(0, List.of());
  private boolean looking;
  private boolean isRoutine;
  private Want wanted = Want.EVERYTHING;
  private Instant lookedAt = Instant.EPOCH;

  /// The revision whose images, networks and volumes the last look asked for.
  private Optional<String> lookedFor = Optional.empty();

  private Optional<String> looksFor = Optional.empty();

  public EngineObserver(ReconcilerSettings settings, Effects effects) {
    this.settings = settings;
    this.effects = effects;
  }

  /// Asks for a look as soon as the one under way, if any, is over.
  public void want(Want what) {
    wanted = what.compareTo(wanted) > 0 ? what : wanted;
  }

  /// @return whether the look was begun for its time alone, and found the node itself as it was
  public boolean looked(HealthReport.Host seen, Instant now) {
    var confirms = isRoutine && host.equals(seen);
    looking = false;
    host = seen;
    lookedAt = now;
    lookedFor = looksFor;
    return confirms;
  }

  public boolean isDue(boolean blind, Instant now) {
    return !looking && !nextAt(blind, now).isAfter(now);
  }

  /// When the next look is due; [Instant#MAX]: one is under way.
  public Instant nextAt(boolean blind, Instant now) {
    if (looking) {
      return Instant.MAX;
    }
    // A look in the future: the clock was set back.
    return wanted != Want.NOTHING || lookedAt.isAfter(now) ? now : lookedAt.plus(every(blind));
  }

  /// No look is under way or wanted: what is known is the newest there is.
  public boolean isSettled() {
    return !looking && wanted == Want.NOTHING;
  }

  public boolean lookedFor(Optional<String> revision) {
    return revision.equals(lookedFor);
  }

  public HealthReport.Host host() {
    return host;
  }

  /// @param good whose images are looked for by their IDs
  public void begin(long sequence, Optional<Revision> revision, Optional<Revision> good) {
    var glance = wanted != Want.EVERYTHING;
    isRoutine = wanted == Want.NOTHING;
    looking = true;
    wanted = Want.NOTHING;
    looksFor = revision.map(Revision::id);
    var proven = good.map(g -> Set.copyOf(g.images().values())).orElse(Set.of());
    effects.add(new Effect.Observe(sequence, scope(revision.map(Revision::stack), proven), glance));
  }

  private ContainerEngine.Scope scope(Optional<Stack> of, Set<String> imageIds) {
    var project = settings.project();
    var stack = of.orElseGet(() -> Stack.none(project));
    return new ContainerEngine.Scope(
        project,
        Stream.concat(stack.images(), imageIds.stream()).collect(Collectors.toSet()),
        stack.networks().values().stream().map(n -> n.name()).collect(Collectors.toSet()),
        stack.volumes().values().stream().map(v -> v.name()).collect(Collectors.toSet()));
  }

  private Duration every(boolean blind) {
    return blind ? WHEN_BLIND : settings.lookEvery();
  }
}
