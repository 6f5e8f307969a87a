package io.armory.agent.view;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.view.Style.Tone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// `armory-agent status`: what a person wants to know, the most important first.
public final class StatusText {
  /// Run Command keeps 24,000 characters of output.
  static final int LIMIT = 20_000;

  private static final int PLANNED_LINES = 12;
  private static final int CHANGED_LINES = 6;

  private final HealthReport report;
  private final Instant now;
  private final Lines lines;
  private final boolean logs;
  private final boolean all;

  private StatusText(HealthReport report, Instant now, Style style, boolean logs, boolean all) {
    this.report = report;
    this.now = now;
    this.lines = new Lines(style);
    this.logs = logs;
    this.all = all;
  }

  /// Ends with a line break. Longer texts lose the log lines first, then the end.
  public static String write(HealthReport report, Instant now, Style style) {
    return write(report, now, style, true);
  }

  /// @param all also what somebody seldom wants to know: where each fact about the node is from
  public static String write(HealthReport report, Instant now, Style style, boolean all) {
    var judged = Freshness.judged(report, now);
    var full = new StatusText(judged, now, style, true, all).text();
    return full.length() <= LIMIT
        ? full
        : cut(new StatusText(judged, now, style, false, all).text(), LIMIT, "--json tells all");
  }

  /// As many whole lines as a screen has, the last of them saying how many there are more; 0: all.
  public static String fitted(String text, int rows) {
    var lines = text.lines().toList();
    return rows < 2 || lines.size() <= rows
        ? text
        : String.join("\n", lines.subList(0, rows - 1))
            + "\n… and %d lines more; status --all shows them\n".formatted(lines.size() - rows + 1);
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
    new StatusHead(report, now, lines).write();
    new ServiceTable(report, now, lines, logs).write();
    doing();
    remarks();
    if (all) {
      report.node().identity().ifPresent(this::origins);
    }
    return lines.text();
  }

  private void doing() {
    var plan = report.plan();
    if (report.phase() == Phase.STEADY && plan.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add(lines.style().paint(Tone.LOUD, phrase()));
    Lists.some(Lists.changing(report), CHANGED_LINES, "armory-agent history")
        .forEach(line -> lines.add("  ", Tone.QUIET, "", line));
    var planned = planned(plan);
    for (var line : planned.subList(0, Math.min(planned.size(), PLANNED_LINES))) {
      lines.add("  ", Tone.QUIET, "", line);
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

  private String phrase() {
    return switch (report.phase()) {
      case WAITING -> "Waiting: nothing is touched";
      case STARTING -> "Starting";
      case STEADY -> "Steady";
      case REPAIRING -> "Repairing";
      case ROLLING_OUT -> "Rolling out";
      case ROLLING_BACK -> "Rolling back";
      case DRAINING -> isDrained() ? "Drained" : "Draining";
      case BLIND -> "Blind: the engine cannot be read, nothing is decided";
    };
  }

  private boolean isDrained() {
    return report.lifecycle().drain().filter(d -> d.step() == Drain.Step.STOPPED).isPresent();
  }

  private void remarks() {
    var remarks = new ArrayList<String>();
    report.lifecycle().notices().forEach(n -> remarks.add("notice: " + n));
    report.lifecycle().hopeless().ifPresent(h -> remarks.add("problem: the start failed: " + h));
    report.problems().stream()
        .map(Problem::line)
        .filter(line -> report.ready().holds() || !report.ready().reason().endsWith(line))
        .forEach(line -> remarks.add("problem: " + line));
    report
        .engine()
        .filter(e -> !e.reachable() && e.problem() != null)
        .ifPresent(e -> remarks.add("problem: " + e.problem()));
    report.shared().redis().stream()
        .flatMap(r -> r.warnings().stream())
        .forEach(w -> remarks.add("warning: " + w));
    report.host().warnings().forEach(w -> remarks.add("warning: " + w));
    report.plan().notices().forEach(n -> remarks.add("notice: " + n));
    if (!remarks.isEmpty()) {
      lines.add("");
      remarks.forEach(r -> lines.wrap("", r));
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
        lines
            .style()
            .paint(
                Tone.QUIET,
                Lines.pad("FACT", 18) + "  " + Lines.pad("VALUE", Math.max(5, value)) + "  FROM"));
    facts.forEach((name, fact) ->
        lines.add(
            Style.line(
                Lines.pad(name, 18)
                    + "  "
                    + Lines.pad(Style.line(fact.value(), 40), Math.max(5, value))
                    + "  "
                    + fact.origin(),
                lines.columns())));
    var vain = String.join("; ", identity.inVain());
    if (!vain.isEmpty()) {
      lines.wrap("", "looked for in vain: " + vain);
    }
  }
}
