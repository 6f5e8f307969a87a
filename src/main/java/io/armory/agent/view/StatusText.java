package io.armory.agent.view;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.HealthReport;
import io.armory.agent.domain.HealthReport.Phase;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Plan;
import io.armory.agent.domain.ServiceReport;
import io.armory.agent.domain.ServiceReport.State;
import io.armory.agent.domain.SharedReport.PollerReport;
import io.armory.agent.domain.SharedReport.RedisReport;
import io.armory.agent.view.Style.Tone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/// `armory-agent status`: what a person wants to know, the most important first.
public final class StatusText {
  /// Run Command keeps 24,000 characters of output.
  static final int LIMIT = 20_000;

  private static final int LOG_LINES = 3;
  private static final int PLANNED_LINES = 12;

  private final HealthReport report;
  private final Instant now;
  private final Style style;
  private final boolean logs;
  private final List<String> lines = new ArrayList<>();

  private StatusText(HealthReport report, Instant now, Style style, boolean logs) {
    this.report = report;
    this.now = now;
    this.style = style;
    this.logs = logs;
  }

  /// Ends with a line break. Longer texts lose the log lines first, then the end.
  public static String write(HealthReport report, Instant now, Style style) {
    var judged = Freshness.judged(report, now);
    var full = new StatusText(judged, now, style, true).text();
    return full.length() <= LIMIT
        ? full
        : cut(new StatusText(judged, now, style, false).text(), LIMIT, "--json tells all");
  }

  /// Cuts a text after a whole line, and says so.
  public static String cut(String text, int limit, String hint) {
    if (text.length() <= limit) {
      return text;
    }
    var end = text.lastIndexOf('\n', limit) + 1;
    return text.substring(0, end) + "… cut here; " + hint + "\n";
  }

  /// Cuts a text before a whole line, and says so: of a history, the end is what counts.
  public static String end(String text, int limit, String hint) {
    if (text.length() <= limit) {
      return text;
    }
    var begin = text.indexOf('\n', text.length() - limit) + 1;
    return "… cut here; " + hint + "\n" + text.substring(begin);
  }

  private String text() {
    header();
    services();
    doing();
    remarks();
    report.node().identity().ifPresent(this::origins);
    return String.join("\n", lines) + "\n";
  }

  private void header() {
    var ready = report.ready();
    var verdict =
        (ready.holds() ? "READY" : "NOT READY") + " for " + Ages.since(ready.since(), now);
    var tone = ready.holds() ? Tone.GOOD : Tone.BAD;
    var reason = ready.reason().isEmpty() ? "" : ": " + ready.reason();
    var room = style.columns() - verdict.length();
    lines.add(style.paint(tone, verdict) + Style.line(reason, room));
    if (report.replace().holds()) {
      add("", Tone.BAD, "NEEDS REPLACEMENT", ": " + report.replace().reason());
    }
    report.lifecycle().drain().ifPresent(this::drain);
    lines.add(Style.line(who(), style.columns()));
    lines.add(style.paint(Tone.QUIET, Style.line(what(), style.columns())));
    report.shared().redis().ifPresent(this::redis);
    report.shared().poller().ifPresent(this::poller);
    report.revision().ifPresent(this::staleness);
    report
        .maintenance()
        .ifPresent(m ->
            add(
                "",
                Tone.BUSY,
                "MAINTENANCE",
                " for %s more: %s (%s)"
                    .formatted(Ages.since(now, m.until()), m.reason(), m.owner())));
  }

  private void drain(Drain drain) {
    var head = drain.step() == Drain.Step.STOPPED ? "DRAINED" : "DRAINING";
    var words =
        " for %s: %s%s"
            .formatted(
                Ages.since(drain.since(), now),
                drain.doing(),
                drain.forced() ? "; running work was cut off" : "");
    add("", Tone.BUSY, head, words + (drain.isUndoable() ? "; armory-agent start undoes it" : ""));
  }

  private void staleness(HealthReport.RevisionReport revision) {
    if (revision.stale()) {
      var since = revision.staleSince();
      var age = since == null ? "" : " for " + Ages.since(since, now);
      add("", Tone.BUSY, "STALE" + age, ": sources cannot be read; the last known good is run");
    }
  }

  private void redis(RedisReport redis) {
    var version = redis.version().isEmpty() ? "" : ", Redis " + redis.version();
    if (redis.state() == RedisReport.State.UP) {
      lines.add(
          style.paint(
              Tone.QUIET,
              Style.line(
                  "remote Redis %s %s%s".formatted(redis.address(), redis.reason(), version),
                  style.columns())));
      return;
    }
    var head =
        redis.state() == RedisReport.State.DOWN
            ? "REMOTE REDIS OUT for " + Ages.since(redis.since(), now)
            : "REMOTE REDIS " + ReportJson.word(redis.state());
    lines.add(style.paint(Tone.BAD, head));
    wrapped("  ", redis.reason(), 3);
    wrapped("  ", redis.doing(), 3);
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
    lines.add(style.paint(Tone.QUIET, Style.line(text, style.columns())));
    if (since != null && poller.reason().contains("cannot be read")) {
      wrapped("  ", poller.reason(), 3);
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
    text += report.engine().map(StatusText::engine).orElse("; engine not looked at yet");
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

  private void services() {
    if (report.services().isEmpty()) {
      return;
    }
    lines.add("");
    var name = Math.max(7, longestName());
    var head =
        "%s  %-9s  %-10s  %8s  %s"
            .formatted(pad("SERVICE", name), "STATE", "SINCE", "RESTARTS", "WHY");
    lines.add(style.paint(Tone.QUIET, head));
    for (var service : report.services()) {
      row(service, name);
    }
  }

  private int longestName() {
    var longest = report.services().stream().mapToInt(s -> s.name().length()).max();
    return Math.min(30, longest.orElse(0));
  }

  private void row(ServiceReport service, int name) {
    var state = pad(ReportJson.word(service.state()), 9);
    var left =
        "%s  %s  %s  %8d  "
            .formatted(
                pad(Style.line(service.name(), name), name),
                style.paint(tone(service.state()), state),
                pad(Ages.since(service.since(), now), 10),
                service.restarts());
    var width = style.columns() - name - 9 - 10 - 8 - 8;
    var why = Style.line(why(service), 4 * style.columns());
    // Words that do not fit beside the figures go below them.
    var beside = why.length() <= width;
    lines.add((left + (beside ? why : "")).stripTrailing());
    if (!beside) {
      wrapped("    ", why, 2);
    }
    service.lastFailure().ifPresent(f -> failure(service, f));
  }

  /// A service that is well needs no words.
  private static String why(ServiceReport service) {
    var parts = new ArrayList<String>();
    if (service.state() != State.UP && !service.reason().isEmpty()) {
      parts.add(service.reason());
    }
    if (!service.doing().isEmpty() && !parts.contains(service.doing())) {
      parts.add(service.doing());
    }
    if (service.optional() && !service.isUp()) {
      parts.add("optional");
    }
    return String.join("; ", parts);
  }

  private void failure(ServiceReport service, ServiceReport.LastFailure failure) {
    add(
        "  ",
        Tone.QUIET,
        "last failure",
        " %s ago: %s".formatted(Ages.since(failure.at(), now), failure.what()));
    if (logs && !service.isUp()) {
      var all = failure.logLines();
      for (var log : all.subList(Math.max(0, all.size() - LOG_LINES), all.size())) {
        lines.add("  " + style.paint(Tone.QUIET, "| " + Style.line(log, style.columns() - 4)));
      }
    }
  }

  private void doing() {
    var plan = report.plan();
    if (report.phase() == Phase.STEADY && plan.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add(style.paint(Tone.LOUD, phrase(report.phase())));
    var planned = planned(plan);
    for (var line : planned.subList(0, Math.min(planned.size(), PLANNED_LINES))) {
      lines.add("  " + Style.line(line, style.columns() - 2));
    }
    if (planned.size() > PLANNED_LINES) {
      lines.add("  … and " + (planned.size() - PLANNED_LINES) + " more; see armory-agent plan");
    }
  }

  private static List<String> planned(Plan plan) {
    var all = new ArrayList<String>();
    plan.steps().forEach(s -> all.add(s.action().describe() + " (" + s.cause() + ")"));
    plan.waits().forEach(w -> all.add(w.service() + ": " + w.reason()));
    return all;
  }

  static String phrase(Phase phase) {
    return switch (phase) {
      case WAITING -> "Waiting: nothing is touched";
      case STARTING -> "Starting";
      case STEADY -> "Steady";
      case REPAIRING -> "Repairing";
      case ROLLING_OUT -> "Rolling out";
      case ROLLING_BACK -> "Rolling back";
      case DRAINING -> "Draining";
      case BLIND -> "Blind: the engine cannot be read, nothing is decided";
    };
  }

  private void remarks() {
    var remarks = new ArrayList<String>();
    report.lifecycle().notices().forEach(n -> remarks.add("notice: " + n));
    report.lifecycle().hopeless().ifPresent(h -> remarks.add("problem: the start failed: " + h));
    report.problems().forEach(p -> remarks.add("problem: " + p.line()));
    report
        .engine()
        .filter(e -> !e.reachable() && e.problem() != null)
        .ifPresent(e -> remarks.add("problem: " + e.problem()));
    report
        .revision()
        .flatMap(HealthReport.RevisionReport::rejected)
        .ifPresent(r -> remarks.add("problem: revision rejected: " + r));
    report.shared().redis().stream()
        .flatMap(r -> r.warnings().stream())
        .forEach(w -> remarks.add("warning: " + w));
    report.host().warnings().forEach(w -> remarks.add("warning: " + w));
    report.plan().notices().forEach(n -> remarks.add("notice: " + n));
    if (!remarks.isEmpty()) {
      lines.add("");
      remarks.forEach(r -> wrapped("", Style.line(r, 4 * style.columns()), 4));
    }
  }

  /// Every fact about the node with where it came from, and what was looked for in vain.
  private void origins(NodeIdentity identity) {
    var facts = new LinkedHashMap<String, NodeIdentity.Fact>();
    facts.put("stack", identity.stack());
    identity.role().ifPresent(role -> facts.put("role", role));
    facts.put("parameter prefix", identity.parameterPrefix());
    facts.putAll(identity.facts());
    var value =
        Math.min(40, facts.values().stream().mapToInt(f -> f.value().length()).max().orElse(0));
    lines.add("");
    lines.add(
        style.paint(
            Tone.QUIET, pad("FACT", 18) + "  " + pad("VALUE", Math.max(5, value)) + "  FROM"));
    facts.forEach((name, fact) ->
        lines.add(
            Style.line(
                pad(name, 18)
                    + "  "
                    + pad(Style.line(fact.value(), 40), Math.max(5, value))
                    + "  "
                    + fact.origin(),
                style.columns())));
    var vain = String.join("; ", identity.inVain());
    if (!vain.isEmpty()) {
      wrapped("", Style.line("looked for in vain: " + vain, 4 * style.columns()), 4);
    }
  }

  private void wrapped(String indent, String text, int most) {
    var width = style.columns() - indent.length();
    var rest = text;
    for (var i = 1; i < most && rest.length() > width; i++) {
      var space = rest.lastIndexOf(' ', width);
      var end = space > 0 ? space : width;
      lines.add(indent + rest.substring(0, end));
      rest = rest.substring(end).strip();
    }
    lines.add(indent + Style.line(rest, width));
  }

  private void add(String indent, Tone tone, String head, String rest) {
    var width = style.columns() - indent.length() - head.length();
    lines.add(indent + style.paint(tone, head) + Style.line(rest, width));
  }

  private static Tone tone(State state) {
    return switch (state) {
      case UP, COMPLETED -> Tone.GOOD;
      case STARTING, DEGRADED -> Tone.BUSY;
      case DOWN -> Tone.BAD;
      case STOPPED, STANDBY -> Tone.QUIET;
    };
  }

  private static String pad(String text, int width) {
    return String.format(Locale.ROOT, "%-" + width + "s", text);
  }
}
