package io.armory.agent.reconcile.report;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.EngineReport;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.report.LifecycleReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.health.NodeFault;
import io.armory.agent.health.Readiness;
import io.armory.agent.health.Steadiness;
import io.armory.agent.reconcile.ReconcilerSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes the report of one pass. On the loop's thread.
public final class NodeReport {
  private static final String WORKS = "the agent works";

  /// After this long without having seen enough, a node is what it looks like: not ready.
  private static final Duration DECIDES_WITHIN = Duration.ofSeconds(10);

  private final ReconcilerSettings settings;
  private final ServiceStatus services = new ServiceStatus();
  private Instant startedAt;
  private boolean everReady;
  private boolean everReadEngine;
  private Steadiness steadiness;
  private Verdict live;
  private Verdict replace;
  private boolean engineReachable;
  private Instant engineSince;

  /// Since when the engine is away by its own fault.
  private Optional<Instant> awaySince = Optional.empty();

  public record Made(HealthReport report, List<ServiceStatus.Turn> turns) {}

  public NodeReport(ReconcilerSettings settings, Instant startedAt) {
    this.settings = settings;
    this.startedAt = startedAt;
    this.engineSince = startedAt;
    this.steadiness =
        new Steadiness(new Verdict(false, "starting: has not looked yet", startedAt), null, false);
    this.live = new Verdict(true, WORKS, startedAt);
    this.replace = new Verdict(false, "this node needs no replacement", startedAt);
  }

  /// Everything is as old as before.
  public void clockSet(Duration by) {
    startedAt = startedAt.plus(by);
    engineSince = engineSince.plus(by);
    awaySince = awaySince.map(since -> since.plus(by));
    steadiness = steadiness.clockSet(by);
    live = live.clockSet(by);
    replace = replace.clockSet(by);
  }

  public HealthReport initial(Instant now) {
    return new HealthReport(
        now,
        startedAt,
        settings.agentVersion(),
        new HealthReport.Node(Optional.empty(), settings.project()),
        Phase.WAITING,
        live,
        new Verdict(false, "starting: has not looked at the engine yet", now),
        replace,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        new HealthReport.Host(0, List.of()),
        new Plan(List.of(), List.of(), List.of()),
        Optional.empty(),
        LifecycleReport.NONE,
        true,
        List.of(),
        SharedReport.NONE,
        Optional.empty());
  }

  public Made report(ReportInput facts, Instant now) {
    var turns = new ArrayList<ServiceStatus.Turn>();
    var reports = services.of(facts, turns, now);
    // Before the verdicts, which count from its `since`.
    var engine = facts.eyes().last().map(o -> engine(facts, o, now));
    var blocker = blocker(facts, now);
    var momentary = Readiness.of(reports, blocker, steadiness.shown(), now);
    // A drain counts at once, and so does the end of a rollout, which `sync` tells. What a shared
    // dependency does for a moment flaps no more than a service.
    var decided =
        momentary.holds()
            ? !facts.rollout().isProven()
            : facts.lifecycle().drain().isPresent()
                || facts.inputs().sources().isRoleless()
                || !turn(facts, now).isEmpty();
    steadiness = steadiness.then(momentary, decided, now);
    var ready = steadiness.shown();
    everReady |= ready.holds();
    replace = replace(facts, reports, replace, now);
    var report =
        new HealthReport(
            now,
            startedAt,
            settings.agentVersion(),
            new HealthReport.Node(facts.inputs().sources().identity(), settings.project()),
            phase(facts, ready),
            live,
            ready,
            replace,
            facts.inputs().inForce().map(r -> RevisionStatus.of(facts, r, now)),
            engine,
            reports,
            host(facts),
            facts.plan(),
            facts.maintenance(),
            facts.lifecycle(),
            isUndecided(facts, now),
            problems(facts),
            facts.group().report(),
            Optional.empty());
    return new Made(report, turns);
  }

  private Verdict replace(
      ReportInput facts, List<ServiceReport> reports, Verdict before, Instant now) {
    everReadEngine |= facts.eyes().last().isPresent() && !facts.eyes().isBlind();
    awaySince = isAway(facts) ? awaySince.or(() -> Optional.of(now)) : Optional.empty();
    Optional<NodeFault.Fault> fault =
        facts.eyes().isBlind()
            ? awaySince.map(since ->
                new NodeFault.Fault("the engine cannot be read: " + unavailable(facts), since))
            // What the engine does not do for a revision that was never healthy here may be the
            // revision's fault, and then that of every node.
            : facts.hands().trouble().worst().filter(f -> facts.rollout().isProven());
    return NodeFault.of(
        new NodeFault.Facts(
            fault,
            everReadEngine,
            fault.flatMap(f -> down(reports, f)),
            shared(facts),
            hold(facts),
            settings.repairWindow()),
        before,
        now);
  }

  /// The first service that is not up and that the engine's fault may be the reason for.
  private static Optional<String> down(List<ServiceReport> reports, NodeFault.Fault fault) {
    return reports.stream()
        .filter(s -> !s.optional())
        .filter(
            s -> s.state() == ServiceReport.State.DOWN || s.state() == ServiceReport.State.STARTING)
        .map(ServiceReport::name)
        .filter(name -> fault.service().isEmpty() || fault.service().get().equals(name))
        .findFirst();
  }

  /// What is out of reach of every node alike, as far as this one can tell.
  private static Optional<String> shared(ReportInput facts) {
    if (facts.inputs().sources().staleSince().isPresent()) {
      return Optional.of("the sources cannot be read");
    }
    return facts
        .group()
        .report()
        .redis()
        .filter(RedisReport::isOut)
        .map(r -> "the remote Redis is out: " + r.reason())
        .or(() -> facts.hands().pulls().failed().stream().findFirst());
  }

  private static Optional<String> hold(ReportInput facts) {
    return facts.maintenance().isPresent()
        ? Optional.of("in maintenance")
        : facts.lifecycle().drain().map(d -> "the node drains");
  }

  /// Right after its start the agent knows nothing yet: neither verdict would be the truth.
  private boolean isUndecided(ReportInput facts, Instant now) {
    if (everReady || !now.isBefore(startedAt.plus(DECIDES_WITHIN))) {
      return false;
    }
    var looked = facts.eyes().last().isPresent();
    var known = facts.inputs().inForce().isPresent() || facts.inputs().sources().readings() > 0;
    return !looked || !known || !facts.eyes().haveAsked(facts.stack());
  }

  private static String outage(RedisReport redis, Instant now) {
    return switch (redis.state()) {
      case UNKNOWN -> "starting: asks the remote Redis %s first".formatted(redis.address());
      case UP, FAILING ->
          "the remote Redis, which all nodes share, did not answer: " + redis.reason();
      case DOWN ->
          "the remote Redis, which all nodes share, is out for %d s: %s"
              .formatted(
                  Math.max(0, Duration.between(redis.since(), now).toSeconds()), redis.reason());
    };
  }

  private String blocker(ReportInput facts, Instant now) {
    if (facts.lifecycle().drain().isPresent()) {
      var drain = facts.lifecycle().drain().get();
      return (drain.step() == Drain.Step.STOPPED ? "drained: " : "draining: ") + drain.why();
    }
    if (facts.inputs().inForce().isEmpty()) {
      var first = facts.inputs().problems().stream().findFirst();
      return first.map(p -> "no revision: " + p.line()).orElse("starting: reading the sources");
    }
    if (facts.inputs().sources().isRoleless()) {
      return "nothing is changed: "
          + facts.inputs().sources().problems().stream().findFirst().map(Problem::line).orElse("");
    }
    if (facts.eyes().last().isEmpty()) {
      return "starting: has not looked at the engine yet";
    }
    if (facts.eyes().observed().isEmpty() && facts.eyes().isBlind()) {
      return "the engine cannot be read: " + unavailable(facts);
    }
    if (!turn(facts, now).isEmpty()) {
      return turn(facts, now);
    }
    // One that only a revision under way names is used by nothing yet: what runs has its own.
    return facts
        .group()
        .report()
        .redis()
        .filter(r -> facts.rollout().isProven() || facts.rollout().keepsRedis())
        .filter(r -> r.state() != RedisReport.State.UP)
        .map(r -> outage(r, now))
        .orElse("");
  }

  /// Why its part in the group's turns keeps it out of service.
  private static String turn(ReportInput facts, Instant now) {
    var rollout = facts.rollout();
    return facts.group().turns().blocker(rollout.isProven(), rollout.goodAt(), now);
  }

  private Phase phase(ReportInput facts, Verdict ready) {
    if (facts.lifecycle().drain().isPresent()) {
      return Phase.DRAINING;
    }
    if (facts.inputs().inForce().isEmpty()) {
      return Phase.WAITING;
    }
    if (facts.eyes().isBlind()) {
      return Phase.BLIND;
    }
    if (facts.rollout().isRollingBack()) {
      return Phase.ROLLING_BACK;
    }
    if (!facts.rollout().isProven()) {
      return everReady ? Phase.ROLLING_OUT : Phase.STARTING;
    }
    var quiet = facts.plan().steps().isEmpty() && facts.hands().isIdle();
    return ready.holds() && quiet ? Phase.STEADY : Phase.REPAIRING;
  }

  private EngineReport engine(ReportInput facts, Observation observation, Instant now) {
    var reachable = observation instanceof Observed;
    if (reachable != engineReachable) {
      engineReachable = reachable;
      engineSince = now;
    }
    var engine = facts.eyes().observed().map(Observed::engine);
    return new EngineReport(
        reachable,
        engine.map(Observation.Engine::name).orElse(""),
        engine.map(Observation.Engine::version).orElse(""),
        engine.map(Observation.Engine::apiVersion).orElse(""),
        engineSince,
        reachable ? null : unavailable(facts));
  }

  /// What the revision in force warns of is for the same eyes.
  private static HealthReport.Host host(ReportInput facts) {
    var host = facts.host();
    var warnings = new ArrayList<>(host.warnings());
    facts.inputs().inForce().ifPresent(r -> warnings.addAll(r.warnings()));
    return new HealthReport.Host(host.diskUsagePercent(), warnings, host.freeMemory());
  }

  private static List<Problem> problems(ReportInput facts) {
    var all = new ArrayList<Problem>();
    if (facts.eyes().isBlind()) {
      all.add(new Problem("engine", unavailable(facts), ""));
    }
    var shared = facts.group().report();
    shared
        .redis()
        .filter(r -> r.state() == RedisReport.State.DOWN)
        .ifPresent(r -> all.add(new Problem("remote Redis", r.reason(), r.doing())));
    all.addAll(facts.inputs().problems());
    all.addAll(UnreachedServices.of(facts));
    facts.plan().notices().forEach(n -> all.add(new Problem(n.subject(), n.message(), "")));
    return all;
  }

  /// By its own fault. An agent that is not let in, or that stands back for another, says nothing
  /// about the engine.
  private static boolean isAway(ReportInput facts) {
    return facts.eyes().last().orElse(null) instanceof Observation.Unavailable(_, var why)
        && why.blame() == Failure.Blame.ENGINE;
  }

  private static String unavailable(ReportInput facts) {
    return facts.eyes().last().orElseThrow() instanceof Observation.Unavailable u ? u.reason() : "";
  }
}
