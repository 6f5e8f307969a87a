package io.armory.agent.reconcile.alert;

import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.Alert.Origin;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.RevisionReport;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Which conditions hold, by a report. Pure.
final class Conditions {
  private Conditions() {}

  /// @param subject tells two of one condition apart, such as the revision that failed; may be
  ///   empty
  /// @param since when it began, as far as the report knows
  record Active(Condition condition, String subject, String what, String why, Instant since) {
    String key() {
      return condition.word() + "/" + subject;
    }
  }

  /// All that a report says.
  ///
  /// @param unclear conditions of which none is over now
  /// @param now how the node is, for the message that something is over
  record Seen(List<Active> active, Set<Condition> unclear, String now, Origin origin, Instant at) {}

  static Seen look(HealthReport report, AlertSettings settings) {
    var ready = report.ready();
    return new Seen(
        of(report, settings),
        unclear(report),
        (ready.holds() ? "it is ready: " : "it is not ready: ") + ready.reason(),
        origin(report, settings.host()),
        report.at());
  }

  static List<Active> of(HealthReport report, AlertSettings settings) {
    var all = new ArrayList<Active>();
    rolledBack(report, all);
    unready(report, settings.notReady(), all);
    replacement(report, all);
    report
        .lifecycle()
        .drain()
        .ifPresent(d -> all.add(new Active(Condition.DRAIN, "", "drains", d.why(), d.since())));
    if (report.host().diskUsagePercent() >= settings.disk()) {
      var why =
          String.format(
              Locale.ROOT,
              "%.1f %% of it are in use, told from %d %% on",
              report.host().diskUsagePercent(),
              settings.disk());
      all.add(new Active(Condition.DISK, "", "its disk fills up", why, report.at()));
    }
    report
        .shared()
        .group()
        .ifPresent(g ->
            g.heldBack().stream()
                .filter(GroupReport.HeldBack::here)
                .forEach(h -> all.add(heldBack(h))));
    report
        .lifecycle()
        .scheduled()
        .forEach(e ->
            all.add(
                new Active(Condition.SCHEDULED, e.id(), e.words(), e.description(), report.at())));
    all.removeIf(a -> !settings.on().contains(a.condition()));
    return List.copyOf(all);
  }

  private static void rolledBack(HealthReport report, List<Active> all) {
    report
        .revision()
        .flatMap(RevisionReport::failed)
        .ifPresent(f ->
            all.add(
                new Active(
                    Condition.ROLLBACK,
                    f.revision(),
                    "revision %s failed, the last good one is run".formatted(f.revision()),
                    f.why(),
                    report.at())));
  }

  /// One that drains or is in maintenance is not ready because somebody wishes so.
  private static void unready(HealthReport report, Duration patience, List<Active> all) {
    var ready = report.ready();
    if (!ready.holds()
        && report.maintenance().isEmpty()
        && report.lifecycle().drain().isEmpty()
        && !ready.since().plus(patience).isAfter(report.at())) {
      all.add(new Active(Condition.NOT_READY, "", "is not ready", ready.reason(), ready.since()));
    }
  }

  private static void replacement(HealthReport report, List<Active> all) {
    var what = "only a new node can help";
    if (report.replace().holds()) {
      var verdict = report.replace();
      all.add(new Active(Condition.REPLACEMENT, "", what, verdict.reason(), verdict.since()));
    } else {
      report
          .lifecycle()
          .hopeless()
          .ifPresent(why -> all.add(new Active(Condition.REPLACEMENT, "", what, why, report.at())));
    }
  }

  private static Active heldBack(GroupReport.HeldBack held) {
    return new Active(
        Condition.HELD_BACK,
        held.revision(),
        "revision %s is held back".formatted(held.revision()),
        "it failed on %s: %s".formatted(held.node(), held.reason()),
        held.at());
  }

  /// Of which it cannot be told now whether they hold, so that none of them is over: a node that is
  /// not ready is not well again because its agent has just started, or somebody works on it.
  static Set<Condition> unclear(HealthReport report) {
    var all = EnumSet.noneOf(Condition.class);
    if (!report.ready().holds()) {
      all.add(Condition.NOT_READY);
    }
    if (report.revision().map(RevisionReport::stale).orElse(true)) {
      all.add(Condition.ROLLBACK);
      all.add(Condition.HELD_BACK);
    }
    if (report.shared().redis().filter(RedisReport::isOut).isPresent()
        || report.shared().group().filter(g -> !g.problem().isEmpty()).isPresent()) {
      all.add(Condition.HELD_BACK);
    }
    return all;
  }

  static Origin origin(HealthReport report, String host) {
    var identity = report.node().identity();
    return new Origin(
        identity.flatMap(i -> i.fact(NodeIdentity.INSTANCE_ID)).orElse(host),
        host,
        identity.map(i -> i.stack().value()).orElse(""),
        identity
            .flatMap(NodeIdentity::role)
            .map(NodeIdentity.Fact::value)
            .or(() -> report.revision().map(RevisionReport::role))
            .orElse(""),
        report.revision().map(RevisionReport::id).orElse(""));
  }
}
