package io.armory.agent.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.testing.GroupReports;
import io.armory.agent.testing.Reports;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DiagnosisTest {
  static Stream<HealthReport> unwell() {
    return Stream.of(
        Reports.troubled(Reports.NOW),
        Reports.unknown(Reports.NOW),
        Reports.undecided(Reports.NOW),
        Reports.everything(Reports.NOW),
        Reports.draining(Reports.NOW, Drain.Step.WAITING),
        Reports.draining(Reports.NOW, Drain.Step.STOPPED),
        Reports.wordy(Reports.NOW, "something"),
        Reports.heldUp(Reports.NOW),
        Reports.rejected(Reports.NOW),
        GroupReports.outage(Reports.NOW));
  }

  @ParameterizedTest
  @MethodSource("unwell")
  void it_never_ends_well_on_a_node_that_is_not_as_it_was_asked_to_be(HealthReport report) {
    var checks = Diagnosis.of(report, Reports.NOW);
    assertThat(CheckList.isFine(checks)).isFalse();
    assertThat(CheckList.text(checks, Style.PLAIN, false)).doesNotContain("Nothing is wrong");
    assertThat(checks).filteredOn(c -> c.result() == Check.Result.WRONG).isNotEmpty();
    var text = String.join("\n", checks.stream().map(Check::words).toList());
    assertThat(text).contains(report.shortfall().orElseThrow());
    report.services().stream()
        .filter(s -> !s.isUp())
        .forEach(s -> assertThat(checks).anyMatch(c -> c.subject().equals(s.name())));
    report.problems().forEach(p -> assertThat(text).contains(p.what()));
  }

  @Test
  void it_ends_well_where_all_is_well() {
    var checks = Diagnosis.of(Reports.ready(Reports.NOW), Reports.NOW);
    assertThat(CheckList.text(checks, Style.PLAIN, false)).endsWith("Nothing is wrong.\n");
  }

  @ParameterizedTest
  @MethodSource("unwell")
  void the_client_reads_what_the_agent_wrote(HealthReport report) {
    var checks = Diagnosis.of(report, Reports.NOW);
    assertThat(Diagnosis.read(Diagnosis.lines(checks))).isEqualTo(checks);
  }

  @Test
  void without_the_agent_nothing_is_called_well() {
    var checks = Diagnosis.read("ADVICE\tready\tnot known\t\n");
    assertThat(CheckList.text(checks, Style.PLAIN, false))
        .endsWith("Nothing is wrong as far as can be seen without the agent.\n");
  }
}
