package io.armory.agent.reconcile.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Alert.Condition;
import io.armory.agent.domain.Drain;
import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.SharedReport;
import io.armory.agent.reconcile.alert.Conditions.Active;
import io.armory.agent.testing.GroupReports;
import io.armory.agent.testing.Reports;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConditionsTest {
  private static final Instant NOW = Reports.NOW;

  private static AlertSettings settings(Set<Condition> on, Duration notReady, int disk) {
    return AlertSettings.usual(on, notReady, disk, "host");
  }

  private static AlertSettings settings() {
    return settings(EnumSet.allOf(Condition.class), Duration.ofSeconds(34), 85);
  }

  private static List<String> keys(List<Active> active) {
    return active.stream().map(Active::key).toList();
  }

  @Test
  void a_well_node_has_nothing_to_tell() {
    assertThat(Conditions.of(Reports.ready(NOW), settings())).isEmpty();
  }

  @Test
  void a_node_is_told_of_when_it_was_not_ready_for_long_enough() {
    var down = Reports.troubled(NOW);
    assertThat(Conditions.of(down, settings()))
        .containsExactly(
            new Active(
                Condition.NOT_READY,
                "",
                "is not ready",
                "front50 is down: connection refused",
                NOW.minusSeconds(34)));
    var patient = settings(EnumSet.allOf(Condition.class), Duration.ofSeconds(35), 85);
    assertThat(Conditions.of(down, patient)).isEmpty();
  }

  @Test
  void one_that_drains_is_told_of_as_that() {
    assertThat(keys(Conditions.of(Reports.draining(NOW, Drain.Step.STOPPED), settings())))
        .containsExactly("drain/");
  }

  @Test
  void one_in_maintenance_is_not_told_of_as_not_ready() {
    assertThat(keys(Conditions.of(Reports.everything(NOW), settings())))
        .containsExactly(
            "replacement/", "drain/", "disk/", "scheduled/instance-event-0d59937288b749b32");
  }

  @Test
  void a_revision_that_failed_is_told_of_by_its_name() {
    assertThat(Conditions.of(Reports.rejected(NOW), settings()))
        .singleElement()
        .satisfies(a -> assertThat(a.key()).isEqualTo("rollback/77aa01b"))
        .satisfies(a -> assertThat(a.what()).contains("revision 77aa01b failed"))
        .satisfies(a -> assertThat(a.why()).contains("manifest unknown"));
  }

  @Test
  void a_revision_that_failed_elsewhere_is_told_of_where_it_would_be_next() {
    var elsewhere = GroupReports.inLine(NOW);
    assertThat(keys(Conditions.of(elsewhere, settings()))).noneMatch(k -> k.startsWith("held"));

    var group = elsewhere.shared().group().orElseThrow();
    var held = new GroupReport.HeldBack("r2", "i-0fff", "gate is down: 503", NOW, true);
    var here =
        Reports.sharing(
            elsewhere,
            new SharedReport(
                Optional.empty(),
                Optional.empty(),
                Optional.of(
                    new GroupReport(
                        group.nodes(), "1", group.waiting(), group.reason(), List.of(held), ""))));
    assertThat(Conditions.of(here, settings()))
        .containsExactly(
            new Active(
                Condition.HELD_BACK,
                "r2",
                "revision r2 is held back",
                "it failed on i-0fff: gate is down: 503",
                NOW));
  }

  @Test
  void what_nobody_wants_to_know_is_not_told() {
    var disk = settings(Set.of(Condition.DISK), Duration.ZERO, 60);
    assertThat(Conditions.of(Reports.troubled(NOW), disk))
        .singleElement()
        .satisfies(
            a -> assertThat(a.why()).isEqualTo("65.7 % of it are in use, told from 60 % on"));
  }

  @Test
  void what_the_report_cannot_tell_is_not_over() {
    assertThat(Conditions.unclear(Reports.ready(NOW))).isEmpty();
    assertThat(Conditions.unclear(Reports.troubled(NOW))).containsExactly(Condition.NOT_READY);
    assertThat(Conditions.unclear(Reports.unknown(NOW)))
        .containsExactlyInAnyOrder(Condition.NOT_READY, Condition.ROLLBACK, Condition.HELD_BACK);
    assertThat(Conditions.unclear(Reports.everything(NOW)))
        .contains(Condition.ROLLBACK, Condition.HELD_BACK);
    assertThat(Conditions.unclear(GroupReports.outage(NOW))).contains(Condition.HELD_BACK);
  }

  @Test
  void a_node_is_called_by_its_instance_or_else_by_its_host() {
    assertThat(Conditions.origin(Reports.ready(NOW), "host").stack()).isEqualTo("preprod");
    assertThat(Conditions.origin(Reports.unknown(NOW), "host"))
        .satisfies(o -> assertThat(o.node()).isEqualTo("host"))
        .satisfies(o -> assertThat(o.role()).isEmpty());
  }
}
