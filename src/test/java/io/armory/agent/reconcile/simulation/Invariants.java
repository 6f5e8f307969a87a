package io.armory.agent.reconcile.simulation;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Cause;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Message;
import io.armory.agent.reconcile.Reconciler;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What must hold at every moment of a node's life, whatever happens to it.
final class Invariants {

  /// A probe's interval three times, with its timeouts, and a look.
  private static final Duration NOTICED = Duration.ofSeconds(75);

  private final SimulatedNode node;
  private final Map<String, Instant> takenDown = new HashMap<>();
  private final Map<String, Instant> notWellSince = new HashMap<>();
  private final Map<String, Instant> excused = new HashMap<>();
  private final Set<String> approved = new HashSet<>();
  private boolean blind;
  private Instant networkTouched = Instant.MIN;
  private Instant hampered = Instant.MIN;
  private int killIn = -1;
  private int killInChanges = -1;
  private String revision = "";

  Invariants(SimulatedNode node) {
    this.node = node;
  }

  /// A fault or an operator touched a service: what follows for it is no harm of the agent's.
  void touched(String service) {
    excused.put(service, node.time.steady());
    takenDown.remove(service);
  }

  void networkTouched() {
    networkTouched = node.time.steady();
  }

  /// The agent cannot see or do what it wants at present.
  void hampered() {
    hampered = node.time.steady();
  }

  /// The agent is killed after so many more effects.
  void killAfter(int effects) {
    killIn = effects;
  }

  /// The agent is killed after so many more effects that change something outside it.
  void killAfterChanges(int changes) {
    killInChanges = changes;
  }

  void before(Message message) {
    if (message instanceof Message.Looked looked) {
      blind = looked.observation() instanceof Observation.Unavailable;
    }
  }

  void afterEffect(Effect effect) {
    if (effect instanceof Effect.Notify(var event)
        && event.kind().equals("revision")
        && event.why().contains("which was stopped by ann")) {
      fail("a revision is blamed for what an operator stopped: " + event.why());
    }
    var changes = effect instanceof Effect.Execute || effect instanceof Effect.Write;
    var isNow = !(effect instanceof Effect.Log) && killIn >= 0 && killIn-- == 0;
    if (isNow || (changes && killInChanges >= 0 && killInChanges-- == 0)) {
      node.note(() -> "the agent is killed after " + effect.getClass().getSimpleName());
      node.killAgent();
      hampered();
      node.time.in(node.between("restart of the agent", 200, 8000), node::startAgent);
    }
  }

  void launched(Plan.Step step, Reconciler core) {
    var action = step.action();
    if (blind) {
      fail("blind, and " + action.describe());
    }
    if (action instanceof Action.RestartContainer restart) {
      restarted(restart, step.cause());
    }
    if (action instanceof Action.StopContainer stop
        && step.cause().kind() == Cause.Kind.DIFFERENCE
        && core.stack().services().containsKey(stop.service())
        && node.workload.isWell(stop.service())
        && !node.workload.isWellBeside(stop.service(), stop.id())) {
      takenDown(stop.service(), core);
    }
  }

  private void restarted(Action.RestartContainer restart, Cause cause) {
    var service = restart.service();
    if (cause.kind() != Cause.Kind.OPERATOR
        && node.workload.standing(restart.id()) == io.armory.agent.domain.ProbeResult.Standing.WELL
        && !isRecent(excused.get(service), Duration.ofMinutes(5))
        && !isRecent(networkTouched, Duration.ofMinutes(5))
        && !isRecent(hampered, Duration.ofMinutes(1))) {
      fail(service + " is well and restarted: " + cause);
    }
  }

  /// What starts first stays where its peers find it, in a release and on the way back.
  void lost(Plan.Step step, Reconciler core) {
    var service = core.stack().services().get(step.action().subject());
    if (service != null
        && service.startFirst()
        && step.cause().kind() != Cause.Kind.OPERATOR
        && !node.workload.isFlawed(service.name())
        && !isRecent(excused.get(service.name()), Duration.ofMinutes(5))
        && !isRecent(networkTouched, Duration.ofMinutes(5))) {
      fail(service.name() + " starts first, and is not found any more after " + step);
    }
  }

  /// What an earlier revision has taken down is mended by going back, beside which others go back.
  private void takenDown(String service, Reconciler core) {
    var id = core.revision().map(io.armory.agent.domain.stack.Revision::id).orElse("");
    if (!id.equals(revision)) {
      takenDown.clear();
      revision = id;
    }
    takenDown.keySet().removeIf(s -> node.workload.isWell(s));
    var phase = core.report().phase();
    if ((phase == Phase.ROLLING_OUT || phase == Phase.ROLLING_BACK)
        && !isRecent(networkTouched, Duration.ofMinutes(5))) {
      takenDown.keySet().stream()
          .filter(s -> !s.equals(service))
          .findAny()
          .ifPresent(s -> fail(service + " is stopped for a rollout while " + s + " is down"));
    }
    takenDown.put(service, node.time.steady());
  }

  void published(HealthReport report) {
    for (var service : report.services()) {
      // What counts is how long it is believed that is not so.
      if (node.workload.isWell(service.name()) || !service.isUp()) {
        notWellSince.remove(service.name());
      } else {
        notWellSince.putIfAbsent(service.name(), node.time.steady());
      }
      if (report.ready().holds()
          && required(service)
          && !isRecent(notWellSince.get(service.name()), NOTICED)
          && notWellSince.containsKey(service.name())
          && !isRecent(hampered, NOTICED)
          && !node.halted) {
        fail(
            "ready, and %s (%s) has not been well for %s"
                .formatted(
                    service.name(),
                    service.state() + " " + service.reason(),
                    Duration.between(notWellSince.get(service.name()), node.time.steady())));
      }
    }
  }

  private static boolean required(ServiceReport service) {
    return !service.optional() && service.state() != ServiceReport.State.STOPPED;
  }

  void approved(String id) {
    approved.add(id);
  }

  void check(Reconciler core) {
    var revision = core.revision();
    if (core.rollout().good().isEmpty()) {
      revision.ifPresent(r -> approved(r.id()));
    }
    if (node.approval.equals(Approval.MANUAL)
        && revision.filter(r -> !approved.contains(r.id())).isPresent()) {
      fail("nobody has approved " + revision.get().id());
    }
    if (revision.isPresent() && core.rollout().rejected().containsKey(revision.get().id())) {
      fail("a rejected revision is run: " + revision.get().id());
    }
  }

  private boolean isRecent(@org.jspecify.annotations.Nullable Instant at, Duration within) {
    return at != null
        && !at.equals(Instant.MIN)
        && Duration.between(at, node.time.steady()).compareTo(within) < 0;
  }

  void fail(String what) {
    throw new AssertionError("at " + node.time.passed().toSeconds() + " s: " + what);
  }
}
