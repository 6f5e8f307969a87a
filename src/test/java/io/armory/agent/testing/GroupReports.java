package io.armory.agent.testing;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.State;
import io.armory.agent.domain.report.SharedReport;
import io.armory.agent.domain.report.SharedReport.PollerReport;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.domain.stack.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Health reports of a node that is one of several, for tests.
public final class GroupReports {
  private GroupReports() {}

  /// A node of a group whose one poller another node is.
  public static HealthReport elected(Instant at) {
    var polls =
        Reports.service(
            "igor-poller",
            State.STANDBY,
            "stands by: i-0def was elected",
            at.minusSeconds(500),
            0,
            null);
    return Reports.sharing(
        Reports.report(
            at,
            Phase.STEADY,
            new Verdict(true, "its only service, gate, is up", at.minusSeconds(7380)),
            List.of(Reports.up("gate", at), polls),
            new Plan(List.of(), List.of(), List.of()),
            List.of()),
        new SharedReport(
            Optional.of(
                new RedisReport(
                    "redis.internal:6379",
                    RedisReport.State.UP,
                    "answers in 0.4 ms",
                    at.minusSeconds(7380),
                    "",
                    Duration.ofNanos(420_000),
                    "7.0.15",
                    List.of("redis.internal:6379 has maxmemory-policy allkeys-lru"))),
            Optional.of(
                new PollerReport(
                    false, "i-0def", 7, at.minusSeconds(500), false, "i-0def was elected"))));
  }

  /// A node that waits for another one's turn to end, in a group where a third is out of service
  /// and an earlier revision failed.
  public static HealthReport inLine(Instant at) {
    var changes =
        new GroupReport.Node(
            "i-0abc",
            false,
            "ha",
            true,
            "all 9 services are up",
            at.minusSeconds(60),
            "r1",
            Optional.of("r2"),
            at.minusSeconds(75),
            Optional.empty(),
            "",
            "0.2.0");
    var waits =
        new GroupReport.Node(
            "i-0def",
            true,
            "ha",
            true,
            "all 9 services are up",
            at.minusSeconds(7380),
            "r1",
            Optional.empty(),
            null,
            Optional.of("r2"),
            "waits for its turn: i-0abc is changing",
            "0.2.0");
    var away =
        new GroupReport.Node(
            "i-0fff",
            false,
            "gate",
            false,
            "gate is down",
            at.minusSeconds(30),
            "q7",
            Optional.empty(),
            null,
            Optional.empty(),
            "",
            "0.2.0");
    return Reports.sharing(
        Reports.report(
            at,
            Phase.STEADY,
            new Verdict(true, "its only service, gate, is up", at.minusSeconds(7380)),
            List.of(Reports.up("gate", at)),
            new Plan(List.of(), List.of(), List.of()),
            List.of()),
        new SharedReport(
            Optional.empty(),
            Optional.empty(),
            Optional.of(
                new GroupReport(
                    List.of(changes, waits, away),
                    "1",
                    Optional.of("r2"),
                    "waits for its turn: i-0abc is changing",
                    List.of(
                        new GroupReport.HeldBack(
                            "r0", "i-0fff", "gate is down: 503", at.minusSeconds(90), false)),
                    ""))));
  }

  /// The node that polls, in an outage of the Redis that its lease is in.
  public static HealthReport outage(Instant at) {
    var waits = "waits for the remote Redis";
    var waiting =
        new ServiceReport(
            "orca",
            State.STARTING,
            waits,
            at.minusSeconds(30),
            0,
            Optional.empty(),
            waits,
            false,
            "image/orca:1",
            List.of(),
            List.of(),
            Optional.empty());
    var why = "redis.internal:6379 refuses the connection: see REDIS_PORT, and whether it runs";
    return Reports.sharing(
        Reports.report(
            at,
            Phase.REPAIRING,
            new Verdict(
                false,
                "the remote Redis, which all nodes share, is out for 34 s: " + why,
                at.minusSeconds(34)),
            List.of(Reports.up("gate", at), waiting),
            new Plan(List.of(), List.of(), List.of()),
            List.of(new Problem("remote Redis", why, "asks again every second"))),
        new SharedReport(
            Optional.of(
                new RedisReport(
                    "redis.internal:6379",
                    RedisReport.State.DOWN,
                    why,
                    at.minusSeconds(34),
                    "asks again every second; nothing is restarted before it answers",
                    null,
                    "",
                    List.of())),
            Optional.of(
                new PollerReport(
                    true,
                    "i-0abc",
                    8,
                    at.minusSeconds(600),
                    true,
                    "the lease cannot be read: " + why))));
  }
}
