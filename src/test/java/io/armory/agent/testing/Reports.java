package io.armory.agent.testing;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.ScheduledEvent;
import io.armory.agent.domain.report.BackupReport;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Awaited;
import io.armory.agent.domain.report.HealthReport.EngineReport;
import io.armory.agent.domain.report.HealthReport.Host;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.HealthReport.RevisionReport;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.report.LifecycleReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.LastFailure;
import io.armory.agent.domain.report.ServiceReport.State;
import io.armory.agent.domain.report.ServiceReport.Usage;
import io.armory.agent.domain.report.SharedReport;
import io.armory.agent.domain.report.SharedReport.PollerReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// Health reports for tests.
public final class Reports {
  public static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

  private Reports() {}

  /// A node on which all is well.
  public static HealthReport ready(Instant at) {
    return report(
        at,
        Phase.STEADY,
        new Verdict(true, "all 3 services are up", at.minusSeconds(7380)),
        List.of(up("redis", at), up("front50", at), up("gate", at)),
        new Plan(List.of(), List.of(), List.of()),
        List.of());
  }

  /// A node with one service down, one waiting, one stopped by hand, and much to say.
  public static HealthReport troubled(Instant at) {
    var failure =
        new LastFailure(
            at.minusSeconds(40),
            "exited with code 1",
            List.of("Starting…", "java.net.ConnectException: s3", "password=hunter2"));
    return report(
        at,
        Phase.REPAIRING,
        new Verdict(false, "front50 is down: connection refused", at.minusSeconds(34)),
        List.of(
            up("redis", at),
            service("front50", State.DOWN, "connection refused", at.minusSeconds(34), 3, failure),
            service("gate", State.STARTING, "waits for front50", at.minusSeconds(4), 0, null),
            service("igor", State.STOPPED, "by root", at.minusSeconds(90_000), 0, null)),
        new Plan(
            List.of(
                new Plan.Step(
                    new Action.StartContainer("front50", "spinnaker-front50-1", "abc"),
                    "exited with code 1")),
            List.of(new Plan.Wait("gate", "waits for front50")),
            List.of(new Plan.Notice("spinnaker-old-1", "no service defines it"))),
        List.of(new Problem("/etc/x.yml:3", "unknown key a", "did you mean b?")));
  }

  /// An image as they are named in ECR: longer than a line of a terminal.
  public static final String LONG_IMAGE =
      "123456789012.dkr.ecr.eu-central-1.amazonaws.com/platform-engineering/spinnaker/clouddriver:release-2026.2.x-custom-build-4711";

  /// Serves, while the image of the revision to come cannot be had.
  public static HealthReport heldUp(Instant at) {
    var why = "manifest unknown: Requested image not found (image " + LONG_IMAGE + ")";
    return ReportDraft.like(ready(at))
        .phase(Phase.ROLLING_OUT)
        .plan(
            new Plan(
                List.of(),
                List.of(
                    new Plan.Wait(
                        "image " + LONG_IMAGE,
                        "manifest unknown: Requested image not found; pull image %s in 8 s"
                            .formatted(LONG_IMAGE),
                        Optional.of(why),
                        true)),
                List.of()))
        .revision(revision(at, "rolling out", Optional.empty(), Optional.of(why)))
        .made();
  }

  /// Not ready and to be replaced for a reason of many words.
  public static HealthReport wordy(Instant at, String sentence) {
    var not = new Verdict(false, sentence, at);
    return ReportDraft.like(heldUp(at)).ready(not).replace(new Verdict(true, sentence, at)).made();
  }

  /// Serves by the revision before the one that was asked for.
  public static HealthReport rejected(Instant at) {
    var why = "revision 77aa01b: manifest unknown (image " + LONG_IMAGE + ")";
    return ReportDraft.like(ready(at))
        .revision(
            new RevisionReport(
                "3f2a91c",
                "standalone",
                at.minusSeconds(720),
                "current, after a rollback",
                false,
                null,
                Optional.of(why),
                Optional.empty(),
                "",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                "77aa01b",
                Optional.of(
                    new RevisionReport.Failed(
                        "77aa01b", why.substring("revision 77aa01b: ".length())))))
        .made();
  }

  /// With what services use: one near its limit, one without a limit, one that cannot be read.
  public static HealthReport measured(Instant at) {
    var ready = ready(at);
    return ready.with(
        ready.services().stream()
            .map(s ->
                switch (s.name()) {
                  case "gate" ->
                      s.with(
                          new Usage(
                              1250L << 20,
                              2048L << 20,
                              Duration.ofMillis(90_500),
                              2,
                              OptionalDouble.of(1.234)));
                  case "redis" ->
                      s.with(
                          new Usage(
                              12L << 20, 0, Duration.ofSeconds(3), 0, OptionalDouble.empty()));
                  default -> s;
                })
            .toList());
  }

  /// Serves, while the revision that the sources give waits for an operator.
  public static HealthReport awaiting(Instant at) {
    var changes =
        IntStream.rangeClosed(1, 8)
            .mapToObj(n ->
                n == 1
                    ? "VERSION: 1 → 2 (ssm /a/version)"
                    : "service" + n + ": image " + LONG_IMAGE + " → " + LONG_IMAGE + n)
            .toList();
    return ReportDraft.like(ready(at))
        .revision(
            new RevisionReport(
                "3f2a91c",
                "standalone",
                at.minusSeconds(720),
                "current",
                false,
                null,
                Optional.empty(),
                Optional.empty(),
                "poll",
                List.of(),
                Optional.empty(),
                Optional.of(
                    new Awaited(
                        "77aa01b",
                        at.minusSeconds(60),
                        "for approval: armory-agent approve",
                        null,
                        "its images are here",
                        changes)),
                "77aa01b",
                Optional.empty()))
        .made();
  }

  private static RevisionReport revision(
      Instant at, String state, Optional<String> rejected, Optional<String> heldUp) {
    return new RevisionReport(
        "3f2a91c",
        "standalone",
        at.minusSeconds(720),
        state,
        false,
        null,
        rejected,
        heldUp,
        "",
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "3f2a91c",
        Optional.empty());
  }

  /// An agent that has just started and knows nothing.
  public static HealthReport unknown(Instant at) {
    return waiting(at, Optional.empty());
  }

  /// One without a revision, for one reason.
  public static HealthReport unready(Instant at, Problem why) {
    return ReportDraft.like(unknown(at))
        .ready(new Verdict(false, "no revision: " + why.line(), at))
        .problems(List.of(why))
        .made();
  }

  /// One that knows who it is, and not what for.
  public static HealthReport roleless(Instant at) {
    var who = identity();
    return waiting(
        at,
        Optional.of(
            new NodeIdentity(
                who.stack(),
                Optional.empty(),
                who.parameterPrefix(),
                Map.of(),
                Map.of(),
                who.lookedAt())));
  }

  private static HealthReport waiting(Instant at, Optional<NodeIdentity> identity) {
    var not = new Verdict(false, "starting: no role known yet", at);
    return new HealthReport(
        at,
        at,
        "1.2.3",
        new HealthReport.Node(identity, "spinnaker"),
        Phase.WAITING,
        new Verdict(true, "", at),
        not,
        new Verdict(false, "", at),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        new Host(0, List.of()),
        new Plan(List.of(), List.of(), List.of()),
        Optional.empty(),
        LifecycleReport.NONE,
        false,
        List.of(new Problem("", "no role: looked at tag armory:role, parameter role", "set one")),
        SharedReport.NONE,
        Optional.empty());
  }

  /// On its way out of service, all being well: its services run until it is out.
  public static HealthReport draining(Instant at, Drain.Step step) {
    var done = step == Drain.Step.STOPPED;
    var services = ready(at).services();
    return ReportDraft.like(ready(at))
        .phase(Phase.DRAINING)
        .services(done ? services.stream().map(s -> drained(s.name(), at)).toList() : services)
        .ready(
            new Verdict(
                false, (done ? "drained" : "draining") + ": asked for by ann", at.minusSeconds(95)))
        .lifecycle(
            new LifecycleReport(
                Optional.of("InService"),
                List.of(),
                Optional.of(
                    new Drain(
                        Drain.Cause.OPERATOR,
                        "asked for by ann",
                        "",
                        at.minusSeconds(95),
                        at.plusSeconds(505),
                        null,
                        step,
                        done ? "everything is stopped" : "waits for orca: 2 messages in hand",
                        false)),
                Optional.empty()))
        .problems(List.of())
        .made();
  }

  private static ServiceReport drained(String name, Instant at) {
    return service(
        name,
        State.STOPPED,
        "stopped by the drain: asked for by ann",
        at.minusSeconds(80),
        0,
        null);
  }

  /// [#troubled], and everything else that can be said at once.
  public static HealthReport everything(Instant at) {
    return ReportDraft.like(troubled(at))
        .phase(Phase.BLIND)
        .replace(new Verdict(true, "front50 could not be mended in 15 min", at))
        .revision(
            new RevisionReport(
                "3f2a91c",
                "standalone",
                at.minusSeconds(720),
                "rolled back",
                true,
                at.minusSeconds(600),
                Optional.of("77aa01b: gate did not become healthy in 10 min"),
                Optional.empty(),
                "",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                "3f2a91c",
                Optional.empty()))
        .engine(
            new EngineReport(
                false, "Docker Engine", "20.10.24", "1.41", at, "no answer on the socket in 5 s"))
        .host(new Host(91.34, List.of("disk of /var/lib/docker is 91 % full")))
        .maintenance(
            new HealthReport.Maintenance(
                at, at.plusSeconds(7200), "replacing a disk", "ann", false))
        .lifecycle(
            new LifecycleReport(
                Optional.of("Terminating:Wait"),
                List.of("EC2 recommends to rebalance"),
                Optional.of(
                    new Drain(
                        Drain.Cause.TERMINATION,
                        "the Auto Scaling group ends this instance",
                        "i-0123456789abcdef0",
                        at.minusSeconds(60),
                        at.plusSeconds(1740),
                        null,
                        Drain.Step.WAITING,
                        "waits for orca: 2 messages in hand",
                        false)),
                Optional.empty(),
                List.of(
                    new ScheduledEvent(
                        "instance-event-0d59937288b749b32",
                        "system-reboot",
                        "scheduled reboot",
                        at.plusSeconds(86_400),
                        Optional.of(at.plusSeconds(93_600))))))
        .made();
  }

  /// What is seldom there to be said.
  public static HealthReport rare(Instant at) {
    var service = service("gate", State.UP, "healthy", at, 0, null);
    var created =
        new ServiceReport.ContainerReport("abc", "spinnaker-gate-2", "created", null, false);
    var held =
        new RevisionReport(
            "3f2a91c",
            "standalone",
            at,
            "current",
            false,
            null,
            Optional.empty(),
            Optional.empty(),
            "rollback",
            List.of("gate: image 2 → 1"),
            Optional.of("ann"),
            Optional.of(
                new Awaited("77aa01b", at, "for its hours", at.plusSeconds(60), "here", List.of())),
            "",
            Optional.empty());
    var drain =
        new Drain(
            Drain.Cause.SPOT, "Spot", "i-0abc", at, at, at, Drain.Step.STOPPING, "stops", true);
    var retirement =
        new ScheduledEvent("e-1", "instance-retirement", "retires", at, Optional.empty());
    return sharing(
        ReportDraft.like(ready(at))
            .revision(held)
            .services(
                List.of(
                    new ServiceReport(
                        service.name(),
                        service.state(),
                        service.reason(),
                        at,
                        0,
                        Optional.empty(),
                        "",
                        false,
                        service.image(),
                        List.of(created),
                        List.of(8084),
                        Optional.empty())))
            .lifecycle(
                new LifecycleReport(
                    Optional.empty(),
                    List.of(),
                    Optional.of(drain),
                    Optional.of("the disk is too small"),
                    List.of(retirement)))
            .made(),
        new SharedReport(
            Optional.empty(),
            Optional.of(new PollerReport(false, "", 0, null, true, "nobody is elected")),
            Optional.of(
                new GroupReport(
                    List.of(), "1", Optional.empty(), "", List.of(), "Redis is away"))));
  }

  /// Of a node that makes backups: none yet, and one that the next failed after.
  public static List<HealthReport> backedUp(Instant at) {
    var every = Duration.ofDays(1);
    return List.of(
        ready(at).with(new BackupReport(every, Optional.empty(), "", Optional.empty(), "")),
        ready(at)
            .with(
                new BackupReport(
                    every,
                    Optional.of(at.minusSeconds(90_000)),
                    "/var/backups/spinnaker.zip",
                    Optional.of(at.minusSeconds(3600)),
                    "the disk is full")));
  }

  /// What an agent publishes before it has looked.
  public static HealthReport undecided(Instant at) {
    return ReportDraft.like(ready(at))
        .ready(new Verdict(false, "starting: has not looked at the engine yet", at))
        .undecided()
        .made();
  }

  public static HealthReport report(
      Instant at,
      Phase phase,
      Verdict ready,
      List<ServiceReport> services,
      Plan plan,
      List<Problem> problems) {
    var started = at.minusSeconds(10_800);
    return new HealthReport(
        at,
        started,
        "1.2.3",
        new HealthReport.Node(Optional.of(identity()), "spinnaker"),
        phase,
        new Verdict(true, "the loop runs", started),
        ready,
        new Verdict(false, "", started),
        Optional.of(
            new RevisionReport(
                "3f2a91c",
                "standalone",
                at.minusSeconds(720),
                "current",
                false,
                null,
                Optional.empty(),
                Optional.empty(),
                "",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                "3f2a91c",
                Optional.empty())),
        Optional.of(new EngineReport(true, "Docker Engine", "20.10.24", "1.41", started, null)),
        services,
        new Host(65.72, List.of()),
        plan,
        Optional.empty(),
        LifecycleReport.NONE,
        false,
        problems,
        SharedReport.NONE,
        Optional.empty());
  }

  public static NodeIdentity identity() {
    return new NodeIdentity(
        new Fact("preprod", "tag armory:stack"),
        Optional.of(new Fact("standalone", "tag armory:role")),
        new Fact("/armory/spinnaker", "default"),
        Map.of(NodeIdentity.INSTANCE_ID, new Fact("i-0abc", "IMDS")),
        Map.of("armory:param:API_KEY", "tag-secret"),
        List.of(NodeIdentity.Look.at("tag armory:role")));
  }

  public static ServiceReport up(String name, Instant at) {
    return service(name, State.UP, "answers 200", at.minusSeconds(7380), 0, null);
  }

  static ServiceReport service(
      String name,
      State state,
      String reason,
      Instant since,
      int restarts,
      @org.jspecify.annotations.Nullable LastFailure failure) {
    return new ServiceReport(
        name,
        state,
        reason,
        since,
        restarts,
        Optional.ofNullable(failure),
        state == State.DOWN ? "restarts in 8 s" : "",
        false,
        "image/" + name + ":1",
        List.of(
            new ServiceReport.ContainerReport(
                "abc",
                "spinnaker-" + name + "-1",
                state == State.STOPPED ? "exited" : "running",
                since,
                state == State.UP)),
        List.of(),
        Optional.empty());
  }

  /// The same, sharing this.
  public static HealthReport sharing(HealthReport report, SharedReport shared) {
    return ReportDraft.like(report).shared(shared).made();
  }
}
