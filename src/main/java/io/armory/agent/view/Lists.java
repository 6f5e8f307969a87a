package io.armory.agent.view;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Plan;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The listings of `plan`, `config`, `events` and `logs`.
public final class Lists {
  private static final DateTimeFormatter NANOSECONDS =
      new DateTimeFormatterBuilder().appendInstant(9).toFormatter(Locale.ROOT);

  private Lists() {}

  /// Of what changes, the first lines and where the rest is shown.
  static List<String> some(List<String> changes, int most, String where) {
    if (changes.size() <= most) {
      return changes;
    }
    var some = new ArrayList<>(changes.subList(0, most));
    some.add("… and %d more; see %s".formatted(changes.size() - most, where));
    return some;
  }

  /// Every next step with its cause, and what the rest waits for: first of all what holds it up.
  public static String plan(HealthReport report, Style style) {
    var plan = report.plan();
    var lines = new Lines(style);
    report
        .revision()
        .flatMap(HealthReport.RevisionReport::heldUp)
        .ifPresent(why -> lines.add("", Style.Tone.BAD, "Held up", ": " + why));
    report
        .revision()
        .flatMap(HealthReport.RevisionReport::held)
        .ifPresent(why -> lines.add("", Style.Tone.BUSY, "Held", ": " + why));
    var awaited = report.revision().flatMap(HealthReport.RevisionReport::awaits);
    awaited.ifPresent(a -> lines.add("", Style.Tone.BUSY, "Waiting", ": " + a.line()));
    section(lines, "Would change:", awaited.map(HealthReport.Awaited::changes).orElse(List.of()));
    if (plan.isEmpty() && awaited.isEmpty()) {
      lines.add(nothing(report));
    }
    section(lines, "Changes:", changing(report));
    section(lines, "Next:", plan.steps().stream().map(Plan.Step::toString).toList());
    section(lines, "Waits:", plan.waits().stream().map(Plan.Wait::toString).toList());
    section(lines, "Notices:", plan.notices().stream().map(Plan.Notice::toString).toList());
    return lines.text();
  }

  /// Before the first look, and while something is waited for, an empty plan is not the end.
  private static String nothing(HealthReport report) {
    return switch (report.phase()) {
      case STEADY -> "Nothing to do: the node is as it should be.";
      case WAITING, STARTING, REPAIRING, ROLLING_OUT, ROLLING_BACK, DRAINING, BLIND ->
          "Nothing to do at this moment: " + report.ready().reason();
    };
  }

  /// What the revision under way changes.
  static List<String> changing(HealthReport report) {
    return switch (report.phase()) {
      case ROLLING_OUT, ROLLING_BACK ->
          report.revision().map(HealthReport.RevisionReport::changes).orElse(List.of());
      case WAITING, STARTING, STEADY, REPAIRING, DRAINING, BLIND -> List.of();
    };
  }

  private static void section(Lines lines, String title, List<String> items) {
    if (!items.isEmpty()) {
      lines.add(title);
      items.forEach(i -> lines.add("  ", Style.Tone.QUIET, "", i));
    }
  }

  /// `ORIGIN<TAB>NAME=value`, as `git config --show-origin` lists; files without their content.
  public static String parameters(Parameters parameters) {
    var lines = new ArrayList<String>();
    settings(lines, parameters.settings().values());
    settings(lines, parameters.variables().values());
    for (var file : parameters.files().values()) {
      lines.add(file.origin() + "\tconfig/" + file.name());
    }
    parameters.problems().forEach(p -> lines.add("problem\t" + Style.line(p.line(), 400)));
    return joined(lines);
  }

  private static void settings(List<String> lines, Collection<Parameter> all) {
    for (var one : all) {
      lines.add(one.origin() + "\t" + one.name() + "=" + Style.line(one.value().shown(), 4000));
    }
  }

  /// One line: when, what to what, why, how long.
  public static String event(AgentEvent event) {
    var text = event.at().truncatedTo(ChronoUnit.SECONDS) + "  " + event.kind();
    text += event.subject().isEmpty() ? "" : "  " + event.subject();
    text += "  " + event.what();
    text += event.why().isEmpty() ? "" : " (" + event.why() + ")";
    var took = event.took();
    if (took != null) {
      text += ", " + (took.toSeconds() < 10 ? took.toMillis() + " ms" : Ages.of(took));
    }
    return Style.line(text, 400);
  }

  /// As many lines as a terminal needs, those after the first below the words.
  public static String event(AgentEvent event, Style style) {
    var lines = new Lines(style);
    lines.wrap("", " ".repeat(22), event(event));
    return lines.text();
  }

  /// The last lines of one service as they are; of several with the service before each.
  public static String logs(Map<String, List<String>> logs) {
    var lines = new ArrayList<String>();
    logs.forEach((service, all) ->
        all.forEach(line ->
            lines.add(
                logs.size() == 1
                    ? Style.line(line, 4000)
                    : service + " | " + Style.line(line, 400))));
    return joined(lines);
  }

  /// What is kept of failed containers, the newest last: a head, and what they wrote last.
  public static String failures(List<Evidence> failures) {
    var lines = new ArrayList<String>();
    for (var e : failures) {
      lines.add(
          Style.line(
              "%s failed with revision %s at %s: %s"
                  .formatted(
                      e.service(), e.revision(), e.at().truncatedTo(ChronoUnit.SECONDS), e.why()),
              4000));
      var before = e.before().isEmpty() ? "" : e.before() + " → ";
      lines.add("  image      " + Style.line(before + e.image(), 1000));
      lines.add("  container  " + Style.line((e.name() + " " + e.end()).strip(), 1000));
      if (!e.health().isEmpty()) {
        lines.add("  answered   " + Style.line(e.health(), 1000));
      }
      e.lines().forEach(l -> lines.add("  | " + Style.line(l, 4000)));
    }
    return joined(lines);
  }

  /// One line of a log that is followed, with the service before it unless only that is followed.
  ///
  /// @param stamped with the engine's instant, as `docker compose logs --timestamps` has it
  public static String log(String service, boolean named, LogLine line, boolean stamped) {
    return (named ? service + " | " : "")
        + (stamped ? stamp(line.at()) + " " : "")
        + Style.line(line.text(), 4000);
  }

  /// With all nine digits, so that lines stand below each other.
  public static String stamp(Instant at) {
    return NANOSECONDS.format(at);
  }

  private static String joined(List<String> lines) {
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }
}
