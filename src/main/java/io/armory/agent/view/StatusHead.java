package io.armory.agent.view;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.report.BackupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.SharedReport.PollerReport;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.view.Style.Tone;
import java.time.Instant;
import java.util.List;

/// The head of `armory-agent status`: the verdict, and what of the node as a whole bears on it.
record StatusHead(HealthReport report, Instant now, Lines lines) {
  void write() {
    var ready = report.ready();
    var verdict =
        (ready.holds() ? "READY" : "NOT READY") + " for " + Ages.since(ready.since(), now);
    var tone = ready.holds() ? Tone.GOOD : Tone.BAD;
    var reason = ready.reason().isEmpty() ? "" : ": " + ready.reason();
    lines.add("", tone, verdict, reason);
    report.revision().ifPresent(this::heldUp);
    if (report.replace().holds()) {
      lines.add("", Tone.BAD, "NEEDS REPLACEMENT", ": " + report.replace().reason());
    }
    report.lifecycle().drain().ifPresent(this::drain);
    lines.add(Style.line(who(), lines.columns()));
    lines.add(Tone.QUIET, what());
    report.shared().redis().ifPresent(this::redis);
    report.shared().poller().ifPresent(this::poller);
    report.shared().group().ifPresent(g -> new GroupLines(g, now, lines).write());
    report.revision().ifPresent(this::staleness);
    report.backup().ifPresent(this::backup);
    report
        .maintenance()
        .ifPresent(m ->
            lines.add(
                "",
                Tone.BUSY,
                "MAINTENANCE",
                " for %s more: %s (%s)"
                    .formatted(Ages.since(now, m.until()), m.reason(), m.owner())));
  }

  /// A failure is told among the problems.
  private void backup(BackupReport backup) {
    lines.add(
        Tone.QUIET,
        backup.last().isEmpty()
            ? "no backup yet"
            : "last backup %s ago: %s"
                .formatted(Ages.since(backup.last().get(), now), backup.to()));
  }

  /// Why what was asked for is not what runs.
  private void heldUp(HealthReport.RevisionReport revision) {
    revision.held().ifPresent(why -> lines.add("", Tone.BUSY, "HELD", ": " + why));
    revision.awaits().ifPresent(this::awaits);
    revision.heldUp().ifPresent(why -> lines.add("", Tone.BAD, "HELD UP", ": " + why));
    revision.rejected().ifPresent(why -> lines.add("", Tone.BAD, "REJECTED", ": " + why));
  }

  private void awaits(HealthReport.Awaited awaited) {
    lines.add("", Tone.BUSY, "WAITING", ": " + awaited.line());
    Lists.some(awaited.changes(), 3, "armory-agent plan")
        .forEach(c -> lines.add("  ", Tone.QUIET, "", c));
    if (!awaited.images().isEmpty()) {
      lines.wrap("  ", awaited.images());
    }
  }

  private void drain(Drain drain) {
    var head = drain.step() == Drain.Step.STOPPED ? "DRAINED" : "DRAINING";
    var words =
        " for %s: %s%s"
            .formatted(
                Ages.since(drain.since(), now),
                drain.doing(),
                drain.forced() ? "; work in hand was cut off" : "");
    lines.add(
        "", Tone.BUSY, head, words + (drain.isUndoable() ? "; armory-agent start undoes it" : ""));
  }

  private void staleness(HealthReport.RevisionReport revision) {
    if (revision.stale()) {
      var since = revision.staleSince();
      var age = since == null ? "" : " for " + Ages.since(since, now);
      lines.add(
          "", Tone.BUSY, "STALE" + age, ": sources cannot be read; the last known good is run");
    }
  }

  private void redis(RedisReport redis) {
    var version = redis.version().isEmpty() ? "" : ", Redis " + redis.version();
    if (redis.state() == RedisReport.State.UP) {
      lines.add(
          Tone.QUIET, "remote Redis %s %s%s".formatted(redis.address(), redis.reason(), version));
      return;
    }
    var head =
        redis.state() == RedisReport.State.DOWN
            ? "REMOTE REDIS OUT for " + Ages.since(redis.since(), now)
            : "REMOTE REDIS " + ReportJson.word(redis.state());
    lines.add(lines.style().paint(Tone.BAD, head));
    lines.wrap("  ", redis.reason());
    lines.wrap("  ", redis.doing());
  }

  private void poller(PollerReport poller) {
    var since = poller.since();
    var text =
        since == null
            ? "poller: " + poller.reason()
            : "poller: %s%s, token %d, elected %s ago"
                .formatted(
                    poller.holder(),
                    poller.here() ? " (this node)" : "",
                    poller.token(),
                    Ages.since(since, now));
    lines.add(Tone.QUIET, text);
    if (since != null && poller.isStale()) {
      lines.wrap("  ", poller.reason());
    }
  }

  private String who() {
    var role = ReportJson.role(report);
    var stack = report.node().identity().map(i -> i.stack().value());
    var text = "stack " + stack.orElse("not known yet");
    text += ", role " + (role == null ? "not known" : role);
    var revision = report.revision();
    if (revision.isEmpty()) {
      return text + ", no revision yet";
    }
    var r = revision.get();
    return text
        + ", revision %s %s since %s".formatted(r.id(), r.state(), Ages.since(r.since(), now));
  }

  private String what() {
    var text = "agent " + report.agentVersion() + " up " + Ages.since(report.startedAt(), now);
    text += report.engine().map(StatusHead::engine).orElse("; engine not looked at yet");
    for (var name : List.of(NodeIdentity.INSTANCE_ID, NodeIdentity.AVAILABILITY_ZONE)) {
      text += report.node().identity().flatMap(i -> i.fact(name)).map(v -> "; " + v).orElse("");
    }
    return text;
  }

  private static String engine(HealthReport.EngineReport engine) {
    return "; "
        + engine.name()
        + " "
        + engine.version()
        + (engine.reachable() ? "" : " OUT OF REACH");
  }
}
