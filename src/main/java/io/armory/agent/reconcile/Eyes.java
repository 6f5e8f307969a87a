package io.armory.agent.reconcile;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.Networking.Mode;
import io.armory.agent.domain.Observation;
import io.armory.agent.domain.Observation.Container;
import io.armory.agent.domain.Observation.Observed;
import io.armory.agent.domain.ProbeSpec;
import io.armory.agent.domain.Service;
import io.armory.agent.domain.Stack;
import io.armory.agent.health.EngineVerdict;
import io.armory.agent.health.ProbeHistory;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the loop knows of the world: the last observation, the answers to its probes, and why
/// containers died. Everything kept by container is dropped with the container.
final class Eyes {
  private final Prober prober;
  private final PostStarts postStarts;
  private final Map<String, ProbeHistory> histories = new HashMap<>();
  private final Map<String, String> unstartable = new HashMap<>();
  private final Deaths deaths;
  private final Doubt doubt = new Doubt();
  private final SlowStarts slowStarts;
  private @Nullable Observation last;
  private @Nullable Observed lastObserved;
  private long sequence;

  Eyes(Prober prober, PostStarts postStarts, OwnStops ownStops, SlowStarts slowStarts) {
    this.slowStarts = slowStarts;
    this.prober = prober;
    this.postStarts = postStarts;
    this.deaths = new Deaths(ownStops);
  }

  void looked(long sequence, Observation observation, Instant now) {
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

  void clockSet(Duration by) {
    histories.replaceAll((id, h) -> h.clockSet(by));
    deaths.clockSet(by);
    slowStarts.clockSet(by);
  }

  /// The engine may be going down, or be up again: nothing is certain before the next look.
  boolean isInDoubt() {
    return doubt.isThere();
  }

  /// @param latestLook the sequence of the newest look that has begun
  void heard(EngineEvent event, boolean ours, long latestLook, Instant now) {
    if (event.action().equals("lost")) {
      doubt.begin(latestLook, now);
    }
    deaths.heard(event, ours, now);
  }

  /// @return whether the container's verdict changed
  boolean probed(Message.Probed message, Stack desired, Instant now) {
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
  void aim(Stack desired) {
    var targets = new HashMap<String, Prober.Target>();
    observed()
        .ifPresent(o ->
            o.containers().stream()
                .filter(Container::running)
                .forEach(c -> target(o, desired, c).ifPresent(t -> targets.put(c.id(), t))));
    prober.watch(targets);
  }

  /// Verdicts of the containers that run.
  Map<String, ContainerHealth> health(Stack desired) {
    var all = new HashMap<String, ContainerHealth>();
    observed()
        .ifPresent(o ->
            o.containers().stream()
                .filter(Container::running)
                .forEach(c -> all.put(c.id(), prepared(desired, c, health(o, desired, c)))));
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
  boolean haveAsked(Stack desired) {
    return observed().stream()
        .allMatch(o ->
            o.containers().stream()
                .filter(Container::running)
                .filter(c -> target(o, desired, c).isPresent())
                .allMatch(c -> histories.containsKey(c.id())));
  }

  /// Where a running container of a service can be asked.
  Optional<String> address(Stack desired, String service) {
    return observed().stream()
        .flatMap(o ->
            o.containers().stream()
                .filter(c -> c.running() && c.service().equals(service))
                .flatMap(c ->
                    Optional.ofNullable(desired.services().get(service))
                        .flatMap(s -> address(o, desired, s, c))
                        .stream()))
        .findFirst();
  }

  /// Where a running container can be asked.
  Optional<String> addressOf(Stack desired, Container c) {
    return observed()
        .flatMap(o ->
            Optional.ofNullable(desired.services().get(c.service()))
                .flatMap(s -> address(o, desired, s, c)));
  }

  String serviceOf(String containerId) {
    return observed().flatMap(o -> o.container(containerId)).map(Container::service).orElse("");
  }

  Optional<Observed> observed() {
    return Optional.ofNullable(lastObserved);
  }

  /// Empty before the first look.
  Optional<Observation> last() {
    return Optional.ofNullable(last);
  }

  boolean isBlind() {
    return last instanceof Observation.Unavailable;
  }

  long sequence() {
    return sequence;
  }

  /// The engine refused to start a container, and will do so for ever.
  void cannotStart(String containerId, String why) {
    unstartable.put(containerId, why);
  }

  /// Container ID → why it can never be started.
  Map<String, String> unstartable() {
    return Map.copyOf(unstartable);
  }

  /// It has been found not well, and never opened its port in this life.
  boolean neverOpened(Container c) {
    var known = histories.get(c.id());
    return known != null
        && known.startedAt().equals(c.startedAt())
        && known.health().unhealthy()
        && !known.opened();
  }

  SlowStarts slowStarts() {
    return slowStarts;
  }

  Deaths deaths() {
    return deaths;
  }

  private ContainerHealth health(Observed observed, Stack desired, Container c) {
    var started = c.startedAt();
    if (probe(desired, c).isEmpty() || started == null) {
      return EngineVerdict.of(c);
    }
    if (target(observed, desired, c).isEmpty()) {
      return new ContainerHealth(
          ContainerHealth.Verdict.STARTING, "has no address to be asked at", started, false);
    }
    return history(c.id(), started).health();
  }

  private ProbeHistory history(String containerId, Instant startedAt) {
    var known = histories.get(containerId);
    return known != null && known.startedAt().equals(startedAt)
        ? known
        : ProbeHistory.begin(startedAt);
  }

  private static Optional<ProbeSpec> probe(Stack desired, Container c) {
    return Optional.ofNullable(desired.services().get(c.service())).flatMap(Service::probe);
  }

  private static Optional<Prober.Target> target(Observed observed, Stack desired, Container c) {
    var service = desired.services().get(c.service());
    var started = c.startedAt();
    if (service == null || started == null || service.probe().isEmpty()) {
      return Optional.empty();
    }
    return address(observed, desired, service, c)
        .map(a -> new Prober.Target(c.service(), a, started, service.probe().get()));
  }

  private static Optional<String> address(
      Observed observed, Stack desired, Service service, Container c) {
    return switch (service.container().networking().mode()) {
      case Mode.Engine(var name) when name.equals("host") -> Optional.of("127.0.0.1");
      case Mode.OfService(var parent) ->
          observed.containers().stream()
              .filter(p -> p.service().equals(parent) && p.running())
              .findFirst()
              .flatMap(p -> anyAddress(p, desired, desired.services().get(parent)));
      case Mode.Engine _, Mode.OfContainer _, Mode.Project _ -> anyAddress(c, desired, service);
    };
  }

  /// On the primary network if it has one there, otherwise on any.
  private static Optional<String> anyAddress(
      Container c, Stack desired, @Nullable Service service) {
    if (service != null) {
      for (var a : service.container().networking().attachments()) {
        var network = desired.networks().get(a.network());
        var end = network == null ? null : c.networks().get(network.name());
        if (end != null && end.ipAddress() != null) {
          return Optional.of(end.ipAddress());
        }
      }
    }
    return c.networks().values().stream()
        .flatMap(e -> Optional.ofNullable(e.ipAddress()).stream())
        .sorted()
        .findFirst();
  }
}
