package io.armory.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Verdict NOT_READY = new Verdict(false, "starting", NOW.minusSeconds(90));
  private static final Verdict READY = new Verdict(true, "up", NOW.minusSeconds(600));
  private final List<ServiceReport> services = new ArrayList<>();

  @Test
  void a_node_whose_services_are_all_up_is_ready_from_now_on() {
    service("gate", State.UP, "healthy", 9);
    service("migrate", State.COMPLETED, "completed with exit code 0", 9);
    assertThat(Readiness.of(services, "", NOT_READY, NOW))
        .isEqualTo(new Verdict(true, "all 2 services are up", NOW));
  }

  @Test
  void a_verdict_that_still_holds_keeps_its_since() {
    service("gate", State.UP, "healthy", 9);
    assertThat(Readiness.of(services, "", READY, NOW).since()).isEqualTo(READY.since());
    service("orca", State.DOWN, "answers 503", 4);
    assertThat(Readiness.of(services, "", READY, NOW).since()).isEqualTo(NOW);
    assertThat(Readiness.of(services, "", NOT_READY, NOW).since()).isEqualTo(NOT_READY.since());
  }

  @Test
  void a_starting_node_says_what_it_waits_for_and_how_long() {
    service("front50", State.STARTING, "not asked yet", 34);
    service("gate", State.UP, "healthy", 9);
    assertThat(reason()).isEqualTo("starting: waiting for front50, 34 s");
  }

  @Test
  void a_broken_service_is_named_before_those_that_start() {
    service("front50", State.STARTING, "not asked yet", 34);
    service("orca", State.DOWN, "answers 503", 7);
    assertThat(reason()).isEqualTo("orca is down for 7 s: answers 503");
  }

  @Test
  void at_most_three_are_named() {
    for (var name : List.of("clouddriver", "echo", "front50", "gate", "orca")) {
      service(name, State.DOWN, "answers 503", 7);
    }
    assertThat(reason())
        .isEqualTo(
            "clouddriver is down for 7 s: answers 503; echo is down for 7 s: answers 503; "
                + "front50 is down for 7 s: answers 503; and 2 more");
  }

  @Test
  void degraded_and_stopped_services_keep_the_node_from_being_ready() {
    service("orca", State.DEGRADED, "1 of 2 healthy", 7);
    service("echo", State.STOPPED, "stopped by alice", 8);
    assertThat(Readiness.of(services, "", READY, NOW).holds()).isFalse();
    assertThat(reason())
        .isEqualTo(
            "orca is degraded for 7 s: 1 of 2 healthy; echo is stopped for 8 s: stopped by alice");
  }

  @Test
  void optional_services_do_not_count_and_are_not_said_to_be_up() {
    service("gate", State.UP, "healthy", 9);
    services.add(report("kayenta", State.DOWN, "answers 503", 7, true));
    var verdict = Readiness.of(services, "", NOT_READY, NOW);
    assertThat(verdict.holds()).isTrue();
    assertThat(verdict.reason()).isEqualTo("all services that count are up; not up: kayenta");
  }

  @Test
  void a_service_that_stands_by_for_another_node_is_missed_by_nobody() {
    service("gate", State.UP, "healthy", 5);
    service("igor-poller", State.STANDBY, "stands by: i-2 was elected", 5);

    var verdict = Readiness.of(services, "", NOT_READY, NOW);

    assertThat(verdict.holds()).isTrue();
    assertThat(verdict.reason()).isEqualTo("its only service, gate, is up");
  }

  @Test
  void a_blocker_is_the_reason_whatever_the_services_do() {
    service("gate", State.UP, "healthy", 9);
    assertThat(Readiness.of(services, "draining", READY, NOW))
        .isEqualTo(new Verdict(false, "draining", NOW));
  }

  @Test
  void a_node_that_knows_of_no_service_is_not_ready() {
    assertThat(Readiness.of(services, "", READY, NOW).holds()).isFalse();
  }

  @Test
  void a_clock_that_goes_back_makes_no_negative_times() {
    service("front50", State.STARTING, "not asked yet", -5);
    assertThat(reason()).isEqualTo("starting: waiting for front50, 0 s");
  }

  private String reason() {
    return Readiness.of(services, "", NOT_READY, NOW).reason();
  }

  private void service(String name, State state, String reason, long seconds) {
    services.add(report(name, state, reason, seconds, false));
  }

  private static ServiceReport report(
      String name, State state, String reason, long seconds, boolean optional) {
    return new ServiceReport(
        name,
        state,
        reason,
        NOW.minusSeconds(seconds),
        0,
        Optional.empty(),
        "",
        optional,
        name + ":1",
        List.of(),
        List.of(),
        Optional.empty());
  }
}
