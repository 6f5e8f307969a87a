package io.armory.agent.view;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.RevisionReport;
import io.armory.agent.domain.report.ServiceReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What the running agent says is wrong, each with what to do: where `doctor` begins. A node that
/// is not ready has at least one check that is wrong.
public final class Diagnosis {
  private Diagnosis() {}

  public static List<Check> of(HealthReport report, Instant now) {
    var all = new ArrayList<Check>();
    all.add(ready(report));
    if (report.replace().holds()) {
      all.add(
          Check.wrong(
              "engine",
              "this node asks to be replaced: " + report.replace().reason(),
              "let the Auto Scaling group replace it, or mend the engine and restart it"));
    }
    report.revision().ifPresent(r -> revision(r, now, all));
    report.services().stream().filter(s -> !s.isUp()).forEach(s -> service(s, all));
    report.problems().stream().filter(p -> !isNotice(report, p)).forEach(p -> all.add(wrong(p)));
    report.plan().notices().forEach(n -> all.add(Check.advice(n.subject(), n.message(), "")));
    report
        .maintenance()
        .ifPresent(m ->
            all.add(
                Check.advice(
                    "maintenance",
                    "until %s: %s (%s)".formatted(m.until(), m.reason(), m.owner()),
                    "when it is done: armory-agent maintenance off")));
    return List.copyOf(all);
  }

  private static Check ready(HealthReport report) {
    if (report.ready().holds()) {
      return Check.fine("ready", report.ready().reason());
    }
    var todo =
        report
            .lifecycle()
            .drain()
            .map(Diagnosis::undo)
            .orElse("it is explained below, as far as the agent knows");
    return Check.wrong("ready", "this node is not ready: " + report.ready().reason(), todo);
  }

  private static String undo(Drain drain) {
    return drain.isUndoable()
        ? "to put it back into service: armory-agent start"
        : "nothing: it goes out of service";
  }

  private static void revision(RevisionReport revision, Instant now, List<Check> all) {
    revision
        .heldUp()
        .ifPresent(why ->
            all.add(
                Check.wrong(
                    "revision",
                    "held up: " + why,
                    "it is tried again and again; to call it off, change the sources back")));
    revision
        .rejected()
        .ifPresent(why ->
            all.add(
                Check.wrong(
                    "revision",
                    "rejected: " + why,
                    "see armory-agent logs SERVICE --failed; change what the sources ask for")));
    var since = revision.staleSince();
    if (revision.stale()) {
      all.add(
          Check.wrong(
              "sources",
              "cannot be read%s; the last known good revision is run"
                  .formatted(since == null ? "" : " for " + Ages.since(since, now)),
              "see what is wrong with them, below"));
    }
  }

  private static void service(ServiceReport service, List<Check> all) {
    var words =
        "%s: %s%s"
            .formatted(
                ReportJson.word(service.state()),
                service.reason(),
                service.doing().isEmpty() || service.doing().equals(service.reason())
                    ? ""
                    : "; " + service.doing());
    switch (service.state()) {
      case STANDBY -> {}
      case STARTING, DEGRADED, DOWN, UNKNOWN, STOPPED ->
          all.add(
              service.optional()
                  ? Check.advice(service.name(), words, todo(service))
                  : Check.wrong(service.name(), words, todo(service)));
      case UP, COMPLETED -> {}
    }
  }

  private static String todo(ServiceReport service) {
    return switch (service.state()) {
      case STOPPED -> "to run it again: armory-agent start " + service.name();
      case STARTING, DEGRADED, DOWN, UNKNOWN ->
          "what it says of itself: armory-agent logs " + service.name();
      case UP, COMPLETED, STANDBY -> "";
    };
  }

  private static boolean isNotice(HealthReport report, Problem problem) {
    return report.plan().notices().stream()
        .anyMatch(n -> n.subject().equals(problem.where()) && n.message().equals(problem.what()));
  }

  private static Check wrong(Problem problem) {
    return Check.wrong(
        problem.where().isEmpty() ? "agent" : problem.where(), problem.what(), problem.todo());
  }

  /// One check a line, for the client, which has checks of its own beside these.
  public static String lines(List<Check> checks) {
    var text = new StringBuilder();
    for (var c : checks) {
      text.append(c.result().name())
          .append('\t')
          .append(field(c.subject()))
          .append('\t')
          .append(field(c.words()))
          .append('\t')
          .append(field(c.todo()))
          .append('\n');
    }
    return text.toString();
  }

  /// What [#lines] wrote. A line of another release that is not understood is shown as it is.
  public static List<Check> read(String text) {
    return text.lines()
        .map(line -> line.split("\t", -1))
        .map(f ->
            f.length < 4
                ? Check.advice("agent", String.join(" ", f), "")
                : new Check(f[1], result(f[0]), f[2], f[3]))
        .toList();
  }

  private static Check.Result result(String name) {
    for (var result : Check.Result.values()) {
      if (result.name().equals(name)) {
        return result;
      }
    }
    return Check.Result.ADVICE;
  }

  private static String field(String text) {
    return Style.line(text, 2000).replace('\t', ' ');
  }
}
