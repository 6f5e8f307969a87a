package io.armory.agent.plan;

import io.armory.agent.domain.Action;
import io.armory.agent.domain.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.Network;
import io.armory.agent.domain.Observation.Container;
import io.armory.agent.domain.Observation.State;
import io.armory.agent.domain.Service;
import java.time.Instant;
import java.util.Optional;

/// The right container runs: what is still wrong with it.
final class RunningSteps {
  private final View view;
  private final Situation situation;
  private final Draft draft;
  private final Dependencies dependencies;

  RunningSteps(View view, Draft draft, Dependencies dependencies) {
    this.view = view;
    this.situation = view.situation;
    this.draft = draft;
    this.dependencies = dependencies;
  }

  /// At most one of these at a time: each changes what the next must look at.
  void plan(Slot slot, Container c) {
    var service = slot.service();
    if (c.state() == State.PAUSED) {
      draft.step(new Action.UnpauseContainer(service.name(), c.name(), c.id()), "paused by hand");
    } else if (c.state() == State.RESTARTING) {
      draft.waitFor(service.name(), "the engine is restarting it");
    } else if (!rename(slot, c) && !reconnect(service, c) && !restart(slot, c)) {
      if (!c.restartPolicy().equals(RestartPolicy.NO.name())) {
        draft.stepNow(
            new Action.SetRestartPolicy(service.name(), c.name(), c.id(), RestartPolicy.NO),
            "the agent restarts it, not the engine");
      }
      if (situation.isStarting(c)) {
        var health = situation.health().get(c.id());
        draft.waitFor(
            service.name(), "is starting" + (health == null ? "" : ": " + health.reason()));
      }
    }
  }

  private boolean rename(Slot slot, Container c) {
    var canonical = view.canonicalName(slot.service(), slot.number());
    if (c.name().equals(canonical) || !view.isNameFree(canonical)) {
      return false;
    }
    draft.stepNow(
        new Action.RenameContainer(slot.service().name(), c.name(), c.id(), canonical),
        "its predecessor is gone");
    return true;
  }

  private boolean reconnect(Service service, Container c) {
    for (var attachment : service.container().networking().attachments()) {
      var network = view.situation.desired().networks().get(attachment.network());
      if (network != null && exists(network) && !c.networks().containsKey(network.name())) {
        draft.stepNow(
            new Action.ConnectNetwork(
                service, c.number(), c.name(), c.id(), network.name(), attachment),
            "it is not connected to it");
        return true;
      }
    }
    return false;
  }

  private boolean exists(Network network) {
    return situation.observed().networks().stream()
        .anyMatch(n ->
            n.name().equals(network.name())
                && n.definitionHash().filter(h -> !h.equals(network.definitionHash())).isEmpty());
  }

  private boolean restart(Slot slot, Container c) {
    var service = slot.service();
    var cause = staleNamespace(service, c).or(() -> replacedDependency(service, c));
    if (cause.isEmpty() && situation.isUnhealthy(c)) {
      var ailing = dependencies.ailing(service);
      var health = situation.health().get(c.id());
      var reason = health == null ? "unhealthy" : health.reason();
      if (ailing.isPresent()) {
        draft.waitFor(
            service.name(), "is unhealthy: " + reason + "; not restarted, " + ailing.get());
        return true;
      }
      cause = Optional.of("it is unhealthy: " + reason);
    }
    if (cause.isEmpty()) {
      cause = requested(service, c);
      var before = cause.isEmpty() ? Optional.<String>empty() : earlierRestart(slot);
      if (before.isPresent()) {
        draft.waitFor(service.name(), "to be restarted after " + before.get());
        return true;
      }
    }
    cause.ifPresent(why ->
        draft.step(
            new Action.RestartContainer(
                service.name(), c.name(), c.id(), service.stopGracePeriod()),
            why));
    return cause.isPresent();
  }

  /// A container keeps the namespace of its parent's last life (docker/compose 6626).
  private Optional<String> staleNamespace(Service service, Container c) {
    return View.namespaceParent(service)
        .flatMap(p ->
            view.namespaceOwner(p)
                .filter(Container::running)
                .filter(o -> isAfter(o.startedAt(), c.startedAt()))
                .map(o -> p + ", whose network it shares, was restarted"));
  }

  private Optional<String> replacedDependency(Service service, Container c) {
    return service.dependsOn().entrySet().stream()
        .filter(e -> e.getValue().restart())
        .map(java.util.Map.Entry::getKey)
        .filter(d ->
            view.slots(d).stream()
                .flatMap(s -> s.right().stream())
                .anyMatch(o -> situation.isHealthy(o) && isAfter(o.createdAt(), c.startedAt())))
        .findFirst()
        .map(d -> d + " was replaced, and depends_on says restart");
  }

  private Optional<String> requested(Service service, Container c) {
    return Optional.ofNullable(situation.intents().restarts().get(service.name()))
        .filter(at -> isAfter(at, c.startedAt()))
        .map(at -> "restart asked for by an operator");
  }

  /// Restarts on request roll: one at a time, each healthy before the next.
  private Optional<String> earlierRestart(Slot slot) {
    return view.allSlots()
        .takeWhile(s -> !s.equals(slot))
        .filter(s -> situation.intents().restarts().containsKey(s.service().name()))
        .filter(s -> !situation.isStoppedByOperator(s.service().name()))
        .filter(s -> s.right().filter(situation::isUnhealthy).isEmpty())
        .filter(s ->
            s.right().filter(situation::isHealthy).isEmpty()
                || s.right().flatMap(c -> requested(s.service(), c)).isPresent())
        .map(s -> s.service().name())
        .findFirst();
  }

  private static boolean isAfter(
      @org.jspecify.annotations.Nullable Instant a, @org.jspecify.annotations.Nullable Instant b) {
    return a != null && b != null && a.isAfter(b);
  }
}
