package io.armory.agent.reconcile;

import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.Observation;
import io.armory.agent.domain.Revision;
import io.armory.agent.domain.Stack;
import io.armory.agent.port.ContainerEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// When the engine is looked at, and for the sake of which revision. Owned by the loop's thread;
/// the look itself, which may take long, has one of its own.
final class Looker {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.reconcile");
  private static final Duration WHEN_BLIND = Duration.ofSeconds(1);

  private final LoopParts parts;
  private final Consumer<Message> mailbox;
  private volatile HealthReport.Host host = new HealthReport.Host(0, List.of());
  private boolean looking;
  private boolean isRoutine;
  private boolean wanted = true;
  private Instant lookedAt = Instant.EPOCH;

  /// The revision whose images, networks and volumes the last look asked for.
  private Optional<String> lookedFor = Optional.empty();

  private Optional<String> looksFor = Optional.empty();

  Looker(LoopParts parts, Consumer<Message> mailbox) {
    this.parts = parts;
    this.mailbox = mailbox;
  }

  /// Asks for a look as soon as the one under way, if any, is over.
  void want() {
    wanted = true;
  }

  /// @return whether the look was begun for its time alone, and found the node itself as it was
  boolean looked(HealthReport.Host seen, Instant now) {
    var confirms = isRoutine && host.equals(seen);
    looking = false;
    host = seen;
    lookedAt = now;
    lookedFor = looksFor;
    return confirms;
  }

  boolean isDue(boolean blind, Instant now) {
    return !looking && !nextAt(blind, now).isAfter(now);
  }

  /// When the next look is due; [Instant#MAX]: one is under way.
  Instant nextAt(boolean blind, Instant now) {
    if (looking) {
      return Instant.MAX;
    }
    // A look in the future: the clock was set back.
    return wanted || lookedAt.isAfter(now) ? now : lookedAt.plus(every(blind));
  }

  /// No look is under way or wanted: what is known is the newest there is.
  boolean isSettled() {
    return !looking && !wanted;
  }

  boolean lookedFor(Optional<String> revision) {
    return revision.equals(lookedFor);
  }

  HealthReport.Host host() {
    return host;
  }

  void begin(long sequence, Optional<Revision> revision) {
    var routine = !wanted;
    isRoutine = routine;
    looking = true;
    wanted = false;
    looksFor = revision.map(Revision::id);
    var scope = scope(revision.map(Revision::stack));
    Thread.ofVirtual().name("look").start(() -> mailbox.accept(look(sequence, scope, routine)));
  }

  /// Whatever happens, the look ends: without its end there would never be another.
  private Message.Looked look(long sequence, ContainerEngine.Scope scope, boolean routine) {
    try {
      var engine = parts.engine();
      var seen = routine ? engine.glance(scope) : engine.observe(scope);
      return new Message.Looked(sequence, seen, parts.host().get());
    } catch (RuntimeException e) {
      LOG.error("looking at the engine met a bug", e);
      var now = parts.clock().instant();
      return new Message.Looked(
          sequence, new Observation.Unavailable(now, "bug while looking: " + e), host);
    }
  }

  private ContainerEngine.Scope scope(Optional<Stack> of) {
    var project = parts.settings().project();
    var stack = of.orElseGet(() -> Stack.none(project));
    return new ContainerEngine.Scope(
        project,
        stack.services().values().stream()
            .map(s -> s.container().image())
            .collect(Collectors.toSet()),
        stack.networks().values().stream().map(n -> n.name()).collect(Collectors.toSet()),
        stack.volumes().values().stream().map(v -> v.name()).collect(Collectors.toSet()));
  }

  private Duration every(boolean blind) {
    return blind ? WHEN_BLIND : parts.settings().lookEvery();
  }
}
