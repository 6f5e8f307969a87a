package io.armory.agent.view;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.Finding;
import io.armory.agent.domain.report.ImportReport;
import io.armory.agent.domain.report.ImportReport.State;
import io.armory.agent.domain.report.ImportReport.Target;
import io.armory.agent.domain.report.ImportReport.Trial;
import java.util.Locale;

/// `armory-agent import`: what was written, what was not carried over, what comes of it.
public final class ImportText {
  private ImportText() {}

  public static String text(ImportReport report) {
    var out = new StringBuilder();
    section(out, report.written() ? "files" : "files (nothing is written)");
    report
        .targets()
        .forEach(t ->
            out.append("  ").append(word(t.state())).append("  ").append(t.path()).append('\n'));
    section(out, "carried over in another form, or not needed");
    lines(out, report, Finding.Kind.NOTE);
    section(out, "secrets, in files that only root and the agent may read");
    lines(out, report, Finding.Kind.SECRET);
    if (report.findings().stream().anyMatch(f -> f.kind() == Finding.Kind.SECRET)) {
      out.append(
          "  better: aws ssm put-parameter --type SecureString --name"
              + " /armory/spinnaker/STACK/env/NAME --value …, and delete the line\n");
    }
    section(out, "not carried over: decide");
    lines(out, report, Finding.Kind.TODO);
    section(out, "what comes of it");
    report.stacks().forEach(s -> trial(out, s));
    return out.toString();
  }

  private static void section(StringBuilder out, String title) {
    out.append(title).append(":\n");
  }

  private static void lines(StringBuilder out, ImportReport report, Finding.Kind kind) {
    var lines = report.findings().stream().filter(f -> f.kind() == kind).toList();
    lines.forEach(f -> out.append("  ").append(Style.line(f.line(), 600)).append('\n'));
    if (lines.isEmpty()) {
      out.append("  none\n");
    }
  }

  private static void trial(StringBuilder out, Trial trial) {
    out.append("  stack ").append(trial.stack()).append(": ");
    if (trial.role().isEmpty()) {
      out.append("no role; tag the group armory:role, or give --role\n");
      return;
    }
    out.append("role ").append(trial.role());
    if (trial.problems().isEmpty()) {
      out.append(", valid, ").append(trial.services()).append(" services\n");
    } else {
      out.append(", not valid yet\n");
      trial.problems().forEach(p -> out.append("    ").append(p.line()).append('\n'));
    }
  }

  /// `{"directory", "complete", "written", "files": […], "findings": […], "stacks": […]}`
  public static String json(ImportReport report) {
    return Json.object(json ->
        json.field("directory", report.directory())
            .field("complete", report.isComplete())
            .field("written", report.written())
            .objects("files", report.targets(), ImportText::file)
            .objects("findings", report.findings(), ImportText::finding)
            .objects("stacks", report.stacks(), ImportText::stack))
        + "\n";
  }

  private static void file(Json json, Target target) {
    json.field("path", target.path())
        .field("state", word(target.state()).strip())
        .field("from", target.from());
  }

  private static void finding(Json json, Finding finding) {
    json.field("kind", finding.kind().name().toLowerCase(Locale.ROOT))
        .field("where", finding.where())
        .field("what", finding.what())
        .field("todo", finding.todo());
  }

  private static void stack(Json json, Trial trial) {
    json.field("stack", trial.stack())
        .field("role", trial.role().isEmpty() ? null : trial.role())
        .field("services", trial.services())
        .strings("problems", trial.problems().stream().map(Problem::line).toList());
  }

  private static String word(State state) {
    return switch (state) {
      case NEW -> "new       ";
      case UNCHANGED -> "unchanged ";
      case REPLACED -> "replaced  ";
      case IN_THE_WAY -> "in the way";
    };
  }
}
