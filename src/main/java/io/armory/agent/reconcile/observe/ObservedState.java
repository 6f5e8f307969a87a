package io.armory.agent.reconcile.observe;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.health.EngineVerdict;
import io.armory.agent.health.ProbeHistory;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effect.ProbeTarget;
import io.armory.agent.reconcile.Effects;
import io.armory.agent.reconcile.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the loop knows of the world: the last observation, the answers to its probes, and why
/// containers died. Everything kept by container is dropped with the container.
public final class ObservedState {
  private final Effects effects;
  private final PostStartRecord postStarts;
  private final Map<String, ProbeHistory> histories = new HashMap<>();
  private final Map<String, String> unstartable = new HashMap<>();

  /// Containers that last said of themselves that they are on their way.
  private final Set<String> loading = new HashSet<>();

  /// Container ID → since when it is known to run without its service's name.
  private final Map<String, Instant> nameless = new HashMap<>();

  /// By container ID.
  private final Map<String, Life> lives = new HashMap<>();

  private final ExitCauses deaths;
  private final ObservationGap doubt = new ObservationGap();
  private final SlowStarts slowStarts;
  private @Nullable Observation last;
  private @Nullable Observed lastObserved;

  /// By the clock as it is now.
  private @Nullable Instant lookedAt;

  private long sequence;
  private Map<String, ProbeTarget> aimedAt = Map.of();

  /// @param startedAt as the engine says it
  /// @param began by the clock as it is now, which may have been set since: not before the last
  ///   look that did not show it
  private record Life(Instant startedAt, Instant began) {}

  public ObservedState(
      Effects effects, PostStartRecord postStarts, IntendedStops ownStops, SlowStarts slowStarts) {
    this.slowStarts = slowStarts;
    this.effects = effects;
    this.postStarts = postStarts;
    this.deaths = new ExitCauses(ownStops);
  }

  public void looked(long sequence, Observation observation, Instant now) {
    this.sequence = sequence;
    var wasGone = isBlind();
    this.last = observation;
    if (observation instanceof Observed o) {
      var before = lastObserved == null ? now : lastObserved.at();
      doubt
          .looked(sequence)
          .map(since -> before.isBefore(since) ? before : since)
          .ifPresent(since -> engineCame(since, o, wasGone, now));
      lastObserved = o;
      var ids = o.containers().stream().map(Container::id).collect(Collectors.toSet());
      histories.keySet().retainAll(ids);
      unstartable.keySet().retainAll(ids);
      loading.retainAll(ids);
      nameless.keySet().retainAll(ids);
      lives.keySet().retainAll(ids);
      o.containers().forEach(c -> look(c, now));
      lookedAt = o.at();
      slowStarts.retain(ids);
      deaths.retain(
          ids,
          o.containers().stream()
              .filter(Container::running)
              .map(Container::id)
              .collect(Collectors.toSet()),
          now);
      postStarts.retain(ids);
    } else {
      // A halted engine breaks no stream.
      doubt.begin(sequence, now);
    }
  }

  private void look(Container c, Instant now) {
    if (c.active() && c.networks().values().stream().noneMatch(e -> isNamed(e, c.service()))) {
      nameless.putIfAbsent(c.id(), now);
    } else {
      nameless.remove(c.id());
    }
    var started = c.startedAt();
    var known = lives.get(c.id());
    if (started != null && (known == null || !known.startedAt().equals(started))) {
      var before = lookedAt;
      lives.put(
          c.id(), new Life(started, before == null || before.isBefore(started) ? started : before));
    }
  }

  private static boolean isNamed(Observation.Endpoint end, String service) {
    return end.aliases().contains(service);
  }

  /// Container ID → since when it is known to run without its service's name.
  public Map<String, Instant> nameless() {
    return Map.copyOf(nameless);
  }

  private void engineCame(Instant since, Observed after, boolean wasGone, Instant now) {
    askAnew(since, now);
    if (lastObserved != null) {
      deaths.engineCame(lastObserved, after, wasGone);
    }
  }

  /// What became unhealthy while the engine was away, and with it the names of the containers'
  /// network, has to show it again.
  private void askAnew(Instant since, Instant now) {
    histories.replaceAll(
        (id, h) -> h.health().unhealthy() && !h.health().since().isBefore(since) ? h.anew(now) : h);
  }

  public void clockSet(Duration by) {
    histories.replaceAll((id, h) -> h.clockSet(by));
    nameless.replaceAll((id, since) -> since.plus(by));
    lives.replaceAll((id, life) -> new Life(life.startedAt(), life.began().plus(by)));
    lookedAt = lookedAt == null ? null : lookedAt.plus(by);
    deaths.clockSet(by);
    slowStarts.clockSet(by);
  }

  /// Whether a container of the stack that counts says that it is on its way, as a data store does
  /// while it loads.
  public boolean isAnyLoading(Stack stack) {
    return lastObserved != null
        && lastObserved.containers().stream()
            .filter(Container::running)
            .filter(c -> loading.contains(c.id()))
            .map(c -> stack.services().get(c.service()))
            .anyMatch(s -> s != null && !s.optional());
  }

  /// The engine may be going down, or be up again: nothing is certain before the next look.
  public boolean isInDoubt() {
    return doubt.isThere();
  }

  /// @param latestLook the sequence of the newest look that has begun
  public void heard(EngineEvent event, boolean ours, long latestLook, Instant now) {
    if (event.action().equals("lost")) {
      doubt.begin(latestLook, now);
    }
    deaths.heard(event, ours, now);
  }

  /// @return whether the container's verdict changed
  public boolean probed(Message.Probed message, Stack desired, Instant now) {
    if (message.result().standing() == ProbeResult.Standing.STARTING) {
      loading.add(message.containerId());
    } else {
      loading.remove(message.containerId());
    }
    return !saysNothingNew(message) && counted(message, desired, now);
  }

  private boolean saysNothingNew(Message.Probed message) {
    var known = histories.get(message.containerId());
    return message.confirms()
        && known != null
        && known.startedAt().equals(message.startedAt())
        && known.health().healthy()
        && known.health().reason().equals(message.result().detail());
  }

  private boolean counted(Message.Probed message, Stack desired, Instant now) {
    var service =
        observed()
            .flatMap(o -> o.container(message.containerId()))
            .filter(Container::running)
            .flatMap(c -> Optional.ofNullable(desired.services().get(c.service())));
    var spec = service.flatMap(Service::probe);
    if (spec.isEmpty()) {
      return false;
    }
    var before = history(message.containerId(), message.startedAt());
    var after = slowStarts.count(before, service.get(), spec.get(), message, now);
    histories.put(message.containerId(), after);
    return before.health().verdict() != after.health().verdict();
  }

  /// Points the probes at the containers that run now.
  public void aim(Stack desired) {
    var targets = seen(desired).map(ProbeTargets::all).orElse(Map.of());
    if (!targets.equals(aimedAt)) {
      aimedAt = targets;
      effects.add(new Effect.AimProbes(aimedAt));
    }
  }

  private Optional<ProbeTargets> seen(Stack desired) {
    return observed().map(o -> new ProbeTargets(o, desired));
  }

  /// Verdicts of the containers that run.
  public Map<String, ContainerHealth> health(Stack desired) {
    var all = new HashMap<String, ContainerHealth>();
    seen(desired)
        .ifPresent(seen ->
            seen.running().forEach(c -> all.put(c.id(), prepared(desired, c, health(seen, c)))));
    return all;
  }

  /// However it answers, it is not ready before its `post_start` commands are done.
  private ContainerHealth prepared(Stack desired, Container c, ContainerHealth health) {
    var service = desired.services().get(c.service());
    return service != null && health.healthy() && service.awaitsPostStart(c, postStarts.all())
        ? new ContainerHealth(
            ContainerHealth.Verdict.STARTING,
            "its post_start commands are not done",
            health.since(),
            false)
        : health;
  }

  /// Every container that runs and can be asked has answered, or failed to, at least once.
  public boolean haveAsked(Stack desired) {
    return seen(desired).stream()
        .allMatch(seen -> histories.keySet().containsAll(seen.all().keySet()));
  }

  /// Where a running container of a service can be asked.
  public Optional<String> address(Stack desired, String service) {
    return seen(desired).stream()
        .flatMap(seen ->
            seen.running()
                .filter(c -> c.service().equals(service))
                .flatMap(c -> seen.address(c).stream()))
        .findFirst();
  }

  /// Where a running container can be asked.
  public Optional<String> addressOf(Stack desired, Container c) {
    return seen(desired).flatMap(seen -> seen.address(c));
  }

  public String serviceOf(String containerId) {
    return observed().flatMap(o -> o.container(containerId)).map(Container::service).orElse("");
  }

  public Optional<Observed> observed() {
    return Optional.ofNullable(lastObserved);
  }

  /// Empty before the first look.
  public Optional<Observation> last() {
    return Optional.ofNullable(last);
  }

  public boolean isBlind() {
    return last instanceof Observation.Unavailable;
  }

  public long sequence() {
    return sequence;
  }

  /// The engine refused to start a container, and will do so for ever.
  public void cannotStart(String containerId, String why) {
    unstartable.put(containerId, why);
  }

  /// Container ID → why it can never be started.
  public Map<String, String> unstartable() {
    return Map.copyOf(unstartable);
  }

  /// It has been found not well, and never opened its port in this life.
  public boolean neverOpened(Container c) {
    var known = histories.get(c.id());
    return known != null
        && known.startedAt().equals(c.startedAt())
        && known.health().unhealthy()
        && !known.opened();
  }

  public SlowStarts slowStarts() {
    return slowStarts;
  }

  public ExitCauses deaths() {
    return deaths;
  }

  private ContainerHealth health(ProbeTargets seen, Container c) {
    var started = c.startedAt();
    if (seen.service(c).flatMap(Service::probe).isEmpty() || started == null) {
      return EngineVerdict.of(c);
    }
    if (seen.of(c).isEmpty()) {
      return new ContainerHealth(
          ContainerHealth.Verdict.STARTING, "has no address to be asked at", started, false);
    }
    return history(c.id(), started).health();
  }

  private ProbeHistory history(String containerId, Instant startedAt) {
    var known = histories.get(containerId);
    if (known != null && known.startedAt().equals(startedAt)) {
      return known;
    }
    var life = lives.get(containerId);
    return ProbeHistory.begin(
        startedAt, life != null && life.startedAt().equals(startedAt) ? life.began() : startedAt);
  }
}
