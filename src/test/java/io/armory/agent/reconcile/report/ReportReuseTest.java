package io.armory.agent.reconcile.report;

import static io.armory.agent.testing.Reports.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.testing.GroupReports;
import io.armory.agent.testing.Reports;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReportReuseTest {
  @Test
  void a_node_that_is_as_it_should_be_and_waits_for_nothing_is_calm() {
    assertThat(ReportReuse.holds(Reports.ready(NOW), NOW, NOW.plusSeconds(29))).isTrue();
  }

  @Test
  void calm_ends_by_itself() {
    assertThat(ReportReuse.holds(Reports.ready(NOW), NOW, NOW.plus(ReportReuse.MOST))).isFalse();
  }

  @Test
  void a_clock_that_was_set_back_ends_it() {
    assertThat(ReportReuse.holds(Reports.ready(NOW), NOW, NOW.minusSeconds(1))).isFalse();
  }

  @ParameterizedTest
  @MethodSource("busy")
  void a_node_that_time_alone_may_change_is_not_calm(HealthReport report) {
    assertThat(ReportReuse.holds(report, NOW, NOW)).isFalse();
  }

  static Stream<HealthReport> busy() {
    return Stream.of(
        Reports.unknown(NOW),
        Reports.troubled(NOW),
        GroupReports.elected(NOW),
        GroupReports.inLine(NOW),
        Reports.everything(NOW),
        Reports.draining(NOW, Drain.Step.WAITING));
  }
}
