package io.armory.agent.view;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.State;
import io.armory.agent.view.Style.Tone;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Locale;

/// The services in `armory-agent status`, one line each, and more for one that is not well.
final class ServiceTable {
  private static final int LOG_LINES = 3;

  /// Of one processor, of late; in use, and the limit.
  private static final String USAGE = "  CPU  MEMORY           ";

  private final HealthReport report;
  private final Instant now;
  private final Lines lines;
  private final boolean logs;
  private String usage = "";

  /// @param logs whether what failed services wrote last is shown
  ServiceTable(HealthReport report, Instant now, Lines lines, boolean logs) {
    this.report = report;
    this.now = now;
    this.lines = lines;
    this.logs = logs;
  }

  void write() {
    if (report.services().isEmpty()) {
      return;
    }
    lines.add("");
    var name = Math.max(7, longestName());
    var isMeasured = report.services().stream().anyMatch(s -> s.usage().isPresent());
    usage = isMeasured && name + USAGE.length() + 38 <= lines.columns() ? USAGE : "";
    var head =
        "%s  %-9s  %-10s  %8s  %s%s"
            .formatted(Lines.pad("SERVICE", name), "STATE", "SINCE", "RESTARTS", usage, "WHY");
    lines.add(lines.style().paint(Tone.QUIET, head));
    for (var service : report.services()) {
      row(service, name);
    }
  }

  private int longestName() {
    var longest = report.services().stream().mapToInt(s -> s.name().length()).max();
    return Math.min(30, longest.orElse(0));
  }

  private void row(ServiceReport service, int name) {
    var state = Lines.pad(ReportJson.word(service.state()), 9);
    var left =
        "%s  %s  %s  %8d  %s"
            .formatted(
                Lines.pad(Style.line(service.name(), name), name),
                lines.style().paint(tone(service.state()), state),
                Lines.pad(Ages.since(service.since(), now), 10),
                service.restarts(),
                usage.isEmpty() ? "" : usage(service));
    var width = lines.columns() - name - 9 - 10 - 8 - 8 - usage.length();
    var why = Style.words(why(service));
    // Words that do not fit beside the figures go below them.
    var beside = why.length() <= width;
    lines.add((left + (beside ? why : "")).stripTrailing());
    if (!beside) {
      lines.wrap("    ", why);
    }
    service.lastFailure().ifPresent(f -> failure(service, f));
  }

  private static String usage(ServiceReport service) {
    return service
        .usage()
        .map(u ->
            "%5s  %-15s  "
                .formatted(
                    u.cpu().isPresent() ? Math.round(100 * u.cpu().getAsDouble()) + " %" : "",
                    memory(u)))
        .orElse(" ".repeat(USAGE.length()));
  }

  private static String memory(ServiceReport.Usage u) {
    return u.memoryLimit() == 0
        ? size(u.memory())
        : "%s of %s".formatted(size(u.memory()), size(u.memoryLimit()));
  }

  private static String size(long bytes) {
    var mega = bytes / 1048576.0;
    return mega < 1000
        ? Math.round(mega) + " M"
        : String.format(Locale.ROOT, "%.1f G", mega / 1024);
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
    lines.add(
        "  ",
        Tone.QUIET,
        "last failure",
        " %s ago: %s".formatted(Ages.since(failure.at(), now), failure.what()));
    if (logs && !service.isUp()) {
      var all = failure.logLines();
      for (var log : all.subList(Math.max(0, all.size() - LOG_LINES), all.size())) {
        lines.add(
            "  " + lines.style().paint(Tone.QUIET, "| " + Style.line(log, lines.columns() - 4)));
      }
    }
  }

  private static Tone tone(State state) {
    return switch (state) {
      case UP, COMPLETED -> Tone.GOOD;
      case STARTING, DEGRADED, UNKNOWN -> Tone.BUSY;
      case DOWN -> Tone.BAD;
      case STOPPED, STANDBY -> Tone.QUIET;
    };
  }
}
