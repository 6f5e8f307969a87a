package io.armory.agent.cli;

import io.armory.agent.config.Environment;
import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.AlertTemplate;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.report.Finding;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ImportReport;
import io.armory.agent.testing.GroupReports;
import io.armory.agent.testing.Reports;
import io.armory.agent.view.AlertBody;
import io.armory.agent.view.Answers;
import io.armory.agent.view.CheckList;
import io.armory.agent.view.HistoryText;
import io.armory.agent.view.ImportText;
import io.armory.agent.view.ReportJson;
import io.armory.agent.view.ReportJson.Audience;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Outputs in JSON that have, together, everything that can be said.
///
/// @param root of a node on which nothing runs
record JsonSamples(Path root) {
  static final String STATUS = "`status --json`, `GET /health`";
  private static final Instant AT = Reports.NOW;

  /// By the headings of `docs/json.md`.
  Map<String, List<String>> all() {
    var all = new LinkedHashMap<String, List<String>>();
    all.put(
        STATUS,
        Stream.concat(
                reports().stream().map(r -> ReportJson.write(r, Audience.OPERATOR)),
                publicReports().stream())
            .toList());
    all.put("`plan --json`", reports().stream().map(Answers::plan).toList());
    all.put("`config --json`", List.of(Answers.parameters(parameters())));
    all.put("`config --agent --json`", List.of(run("config", "--agent", "--json")));
    all.put("`events --json`", List.of(Answers.events(events())));
    all.put("`GET /events`", List.of(Answers.timeline(events())));
    all.put("`history --json`", List.of(HistoryText.json(history())));
    all.put("`logs --json`", List.of(Answers.logs(Map.of("NAME", List.of("Started")))));
    all.put("`logs --follow --json`", List.of(followed(true), followed(false)));
    all.put("`logs --failed --json`", List.of(Answers.failures(failures())));
    all.put("`validate --json`", List.of(run("validate", "--json"), invalid()));
    all.put("`doctor --json`", List.of(CheckList.json(List.of(Check.wrong("a", "b", "c")))));
    all.put("`import --json`", List.of(ImportText.json(imported())));
    all.put("`version --json`", List.of(run("version", "--json")));
    all.put(
        "`GET /health/live`, `GET /health/ready`",
        List.of(Answers.verdict("NAME", Reports.ready(AT).live(), AT)));
    all.put("`GET /healthcheck`", List.of(Answers.healthcheck(Reports.ready(AT), true)));
    all.put("Alerts", List.of(new AlertBody(AlertTemplate.STANDARD, true).json(alert())));
    return all;
  }

  static List<String> publicReports() {
    return reports().stream().map(r -> ReportJson.write(r, Audience.PUBLIC)).toList();
  }

  private static List<HealthReport> reports() {
    return Stream.concat(Reports.backedUp(AT).stream(), others().stream()).toList();
  }

  private static List<HealthReport> others() {
    return List.of(
        Reports.ready(AT),
        Reports.troubled(AT),
        Reports.heldUp(AT),
        Reports.rejected(AT),
        Reports.measured(AT),
        Reports.awaiting(AT),
        Reports.unknown(AT),
        Reports.roleless(AT),
        Reports.draining(AT, Drain.Step.WAITING),
        Reports.everything(AT),
        Reports.undecided(AT),
        Reports.rare(AT),
        GroupReports.elected(AT),
        GroupReports.inLine(AT),
        GroupReports.outage(AT));
  }

  /// What the command prints.
  String run(String... arguments) {
    return run(root, arguments);
  }

  private static String run(Path root, String... arguments) {
    var out = new ByteArrayOutputStream();
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    var environment = new Environment(Map.of("ARMORY_AGENT_ROOT", root.toString()));
    Cli.run(
        arguments,
        new Terminal(stream, stream, false, environment),
        new NothingLocal(),
        (_, _, _) -> 0);
    return out.toString(StandardCharsets.UTF_8);
  }

  private String invalid() {
    try {
      var bad = root.resolve("bad");
      Files.createDirectories(bad.resolve("etc/armory-agent"));
      Files.writeString(bad.resolve("etc/armory-agent/agent.yaml"), "unknown: 1\n");
      return run(bad, "validate", "--json");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Parameters parameters() {
    var one = new Parameter("A", new Parameters.Plain("1"), "/etc/default.env:1");
    return new Parameters(
        Map.of("A", one),
        Map.of("gate-local.yml", one),
        Map.of("role", one),
        List.of(new Problem("A", "nothing uses it", "leave it out")));
  }

  private static List<AgentEvent> events() {
    return List.of(
        new AgentEvent(AT, "action", "gate", "started", "was down", Duration.ofSeconds(1)),
        new AgentEvent(AT, "state", "gate", "down", "exited", null));
  }

  private static List<RevisionEntry> history() {
    var entry =
        new RevisionEntry(
            "r1", "ha", AT, "poll", List.of("A: 1 → 2"), RevisionEntry.End.UNDER_WAY, "", null);
    return List.of(entry, entry.ended(RevisionEntry.End.GOOD, "", AT));
  }

  private static String followed(boolean stamped) {
    return Answers.log("gate", new LogLine(AT, "Started"), stamped);
  }

  private static List<Evidence> failures() {
    return Stream.of("", "gate:1")
        .map(before ->
            new Evidence(
                AT,
                "gate",
                "r1",
                "answers 503",
                "abc",
                "spinnaker-gate-1",
                before,
                "gate:2",
                "running",
                "503",
                List.of("Started")))
        .toList();
  }

  private static ImportReport imported() {
    var problem = new Problem("a.yml:1", "is wrong", "mend it");
    return new ImportReport(
        "/opt/spinnaker",
        true,
        List.of(new ImportReport.Target("/etc/a", ImportReport.State.NEW, "/opt/a")),
        List.of(Finding.note("a:1", "not needed")),
        List.of(
            new ImportReport.Trial("prod", "ha", 9, List.of()),
            new ImportReport.Trial("test", "", 0, List.of(problem))));
  }

  private static Alert alert() {
    return new Alert(
        Alert.Condition.DRAIN,
        false,
        "drains",
        "asked for by ann",
        AT,
        AT,
        new Alert.Origin("i-0abc", "node1", "prod", "ha", "r1"));
  }
}
