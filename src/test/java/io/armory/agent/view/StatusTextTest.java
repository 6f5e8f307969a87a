package io.armory.agent.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.testing.GroupReports;
import io.armory.agent.testing.Reports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTextTest {
  private static final Path GOLDEN = Path.of("src/test/resources/view/status");

  @ParameterizedTest
  @CsvSource({
    "ready,100",
    "troubled,80",
    "troubled,120",
    "nothing,100",
    "everything,100",
    "elected,100",
    "outage,80",
    "line,100",
    "drained,100",
    "awaiting,80",
    "measured,80"
  })
  void the_table_reads_as_agreed(String name, int columns) throws IOException {
    var text = StatusText.write(report(name), Reports.NOW, new Style(columns, false));
    var file = GOLDEN.resolve(name + "-" + columns + ".txt");
    if (Boolean.getBoolean("golden.write")) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, text);
    }
    assertThat(text).isEqualTo(Files.readString(file));
    assertThat(text.lines()).allSatisfy(l -> assertThat(l.length()).isLessThanOrEqualTo(columns));
  }

  private static HealthReport report(String name) {
    return switch (name) {
      case "ready" -> Reports.ready(Reports.NOW);
      case "troubled" -> Reports.troubled(Reports.NOW);
      case "nothing" -> Reports.unknown(Reports.NOW);
      case "elected" -> GroupReports.elected(Reports.NOW);
      case "line" -> GroupReports.inLine(Reports.NOW);
      case "outage" -> GroupReports.outage(Reports.NOW);
      case "measured" -> Reports.measured(Reports.NOW);
      case "awaiting" -> Reports.awaiting(Reports.NOW);
      case "drained" -> Reports.draining(Reports.NOW, Drain.Step.STOPPED);
      default -> Reports.everything(Reports.NOW);
    };
  }

  @Test
  void what_is_seldom_wanted_is_left_out_and_the_verdict_stays_on_the_screen() {
    var text = StatusText.write(Reports.everything(Reports.NOW), Reports.NOW, Style.PLAIN, false);
    assertThat(text).doesNotContain("FACT");
    var screen = StatusText.fitted(text, 10);
    assertThat(screen.lines()).hasSize(10);
    assertThat(screen).startsWith(text.lines().findFirst().orElseThrow());
    assertThat(screen.lines().toList().getLast())
        .matches("… and [0-9]+ lines more; status --all shows them");
    assertThat(StatusText.fitted(text, 0)).isEqualTo(text);
    assertThat(StatusText.fitted(text, 500)).isEqualTo(text);
  }

  @Test
  void the_plan_says_what_waits_and_what_it_would_change() {
    assertThat(Lists.plan(Reports.awaiting(Reports.NOW), Style.PLAIN))
        .startsWith(
            "Waiting: revision 77aa01b waits for approval: armory-agent approve\nWould change:\n")
        .contains("  VERSION: 1 → 2 (ssm /a/version)", "  service8: ")
        .doesNotContain("Nothing to do");
  }

  @Test
  void of_a_group_of_hundreds_those_are_named_that_something_is_to_be_said_of() {
    var report = GroupReports.inLine(Reports.NOW);
    var group = report.shared().group().orElseThrow();
    var nodes = new ArrayList<>(group.nodes());
    var well = nodes.get(2);
    nodes.add(
        new GroupReport.Node(
            "i-0old",
            false,
            "",
            true,
            "it polls, and its agent knows no turns",
            Instant.EPOCH,
            "",
            Optional.of("r1"),
            null,
            Optional.empty(),
            "",
            ""));
    for (var i = 0; i < 200; i++) {
      nodes.add(ready(well, "n" + i, Optional.empty(), ""));
    }
    assertThat(grouped(report, nodes, group))
        .contains("group of 204, at most 10%", "i-0abc, ha", "i-0def (this node)", "i-0fff")
        .contains("i-0old, it polls, and its agent knows no turns; changes to revision r1")
        .contains("and 200 more; --json tells all")
        .doesNotContain("n17");

    var before = nodes.size();
    for (var i = 0; i < 50; i++) {
      nodes.add(ready(well, "w" + i, Optional.of("r2"), "waits for approval"));
    }
    assertThat(nodes).hasSize(before + 50);
    assertThat(grouped(report, nodes, group))
        .contains("i-0abc, ha", "  w0, gate", "  w7, gate", "; revision r2 waits for approval")
        .contains("and 242 more, of which 42 wait; --json tells all")
        .doesNotContain("w8,", "n17");
  }

  private static GroupReport.Node ready(
      GroupReport.Node like, String name, Optional<String> waitsFor, String why) {
    return new GroupReport.Node(
        name,
        false,
        like.role(),
        true,
        "",
        like.since(),
        "r1",
        Optional.empty(),
        null,
        waitsFor,
        why,
        "");
  }

  private static String grouped(
      HealthReport report, List<GroupReport.Node> nodes, GroupReport group) {
    var large =
        new GroupReport(
            nodes, "10%", group.waiting(), group.reason(), group.heldBack(), group.problem());
    return StatusText.write(
        Reports.sharing(
            report, new SharedReport(Optional.empty(), Optional.empty(), Optional.of(large))),
        Reports.NOW,
        Style.PLAIN);
  }

  @Test
  void an_event_is_read_whole_on_a_narrow_terminal_and_is_one_line_for_a_search() {
    var event =
        new AgentEvent(
            Reports.NOW,
            "action",
            "clouddriver",
            "stop clouddriver",
            "makes way: image armory/clouddriver:1 is replaced by armory/clouddriver:2; not beside its successor: memory",
            Duration.ofMillis(1500));
    var text = Lists.event(event, new Style(80, false));
    assertThat(text.lines()).hasSizeGreaterThan(2).allMatch(l -> l.length() <= 80);
    assertThat(text.lines().skip(1)).allMatch(l -> l.startsWith(" ".repeat(22)));
    assertThat(text.replaceAll("\\s+", " ").strip())
        .isEqualTo(Lists.event(event).replaceAll("\\s+", " "));
    assertThat(Lists.event(event)).doesNotContain("\n");
  }

  @Test
  void colour_only_where_wanted() {
    var report = Reports.troubled(Reports.NOW);
    var painted = StatusText.write(report, Reports.NOW, new Style(100, true));
    assertThat(painted).contains("\033[1;31mNOT READY");
    assertThat(painted.replaceAll("\033\\[[0-9;]*m", ""))
        .isEqualTo(StatusText.write(report, Reports.NOW, new Style(100, false)));
  }

  @Test
  void a_stuck_agent_heads_the_page() {
    var text =
        StatusText.write(Reports.ready(Reports.NOW), Reports.NOW.plusSeconds(9), Style.PLAIN);
    assertThat(text).startsWith("NOT READY for 9 s: agent loop stuck since 2026-01-31T12:00:00Z");
  }

  @Test
  void two_hundred_failing_services_fit_run_commands_limit() {
    var services = new ArrayList<ServiceReport>();
    var down = Reports.troubled(Reports.NOW).services().get(1);
    for (var i = 0; i < 200; i++) {
      services.add(
          new ServiceReport(
              "service-" + i,
              down.state(),
              "reason ".repeat(50),
              down.since(),
              i,
              Optional.of(
                  new ServiceReport.LastFailure(
                      Reports.NOW, "x".repeat(500), List.of("y".repeat(9000)))),
              "",
              false,
              "",
              List.of(),
              List.of(),
              Optional.empty()));
    }
    var text =
        StatusText.write(
            Reports.report(
                Reports.NOW,
                Phase.REPAIRING,
                new Verdict(false, "z".repeat(9000), Reports.NOW),
                services,
                new Plan(List.of(), List.of(), List.of()),
                List.of()),
            Reports.NOW,
            new Style(120, true));
    assertThat(text.length()).isLessThan(24_000);
    assertThat(text).endsWith("… cut here; --json tells all\n");
  }

  @Test
  void what_containers_wrote_cannot_command_the_terminal() {
    assertThat(Style.line("a\033[2Jb\rc\u202ed\n", 80)).isEqualTo("a [2Jb c d");
    assertThat(Style.line("𝒳𝒳𝒳𝒳𝒳", 5)).isEqualTo("𝒳𝒳…");
  }

  @ParameterizedTest
  @CsvSource({
    "0,0 s",
    "34,34 s",
    "60,1 min",
    "250,4 min 10 s",
    "2040,34 min",
    "7200,2 h",
    "7380,2 h 3 min",
    "86400,1 d",
    "273600,3 d 4 h",
    "-5,0 s"
  })
  void spans_are_words(long seconds, String words) {
    assertThat(Ages.of(java.time.Duration.ofSeconds(seconds))).isEqualTo(words);
  }
}
