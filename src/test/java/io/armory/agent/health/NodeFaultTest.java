package io.armory.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.HealthReport.Verdict;
import io.armory.agent.health.NodeFault.Facts;
import io.armory.agent.health.NodeFault.Fault;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeFaultTest {
  private static final Instant NOW = Instant.parse("2026-08-01T12:00:00Z");
  private static final Duration WINDOW = Duration.ofMinutes(15);
  private static final Verdict BEFORE = new Verdict(false, "", Instant.EPOCH);

  @Test
  void an_engine_that_works_needs_no_replacement() {
    assertThat(NodeFault.of(facts(Optional.empty(), true, null, null), BEFORE, NOW).holds())
        .isFalse();
  }

  @Test
  void an_engine_broken_for_the_window_does() {
    var verdict = NodeFault.of(facts(broken(WINDOW), true, null, null), BEFORE, NOW);
    assertThat(verdict.holds()).isTrue();
    assertThat(verdict.since()).isEqualTo(NOW);
    assertThat(verdict.reason()).contains("no answer", "900 s");
  }

  @Test
  void not_a_moment_before() {
    var fault = broken(WINDOW.minusSeconds(1));
    var verdict = NodeFault.of(facts(fault, true, null, null), BEFORE, NOW);
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.reason()).contains("repair has until 2026-08-01T12:00:01Z");
  }

  @Test
  void never_while_a_shared_dependency_is_out_of_reach() {
    var verdict = NodeFault.of(facts(broken(WINDOW), true, "redis", null), BEFORE, NOW);
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.reason()).contains("not this node's fault alone: redis");
  }

  @Test
  void never_in_maintenance() {
    var verdict = NodeFault.of(facts(broken(WINDOW), true, null, "in maintenance"), BEFORE, NOW);
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.reason()).contains("in maintenance");
  }

  @Test
  void an_engine_that_never_worked_here_may_be_a_wrong_setting_on_every_node() {
    assertThat(NodeFault.of(facts(broken(WINDOW), false, null, null), BEFORE, NOW).holds())
        .isFalse();
  }

  @Test
  void never_while_nothing_is_down_for_it() {
    var facts =
        new Facts(
            broken(WINDOW), true, Optional.empty(), Optional.empty(), Optional.empty(), WINDOW);
    var verdict = NodeFault.of(facts, BEFORE, NOW);
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.reason()).contains("no service is known to be down for it");
  }

  private static Optional<Fault> broken(Duration age) {
    return Optional.of(new Fault("the engine cannot be read: no answer", NOW.minus(age)));
  }

  private static Facts facts(
      Optional<Fault> engine,
      boolean proven,
      @org.jspecify.annotations.Nullable String shared,
      @org.jspecify.annotations.Nullable String hold) {
    return new Facts(
        engine,
        proven,
        Optional.of("gate"),
        Optional.ofNullable(shared),
        Optional.ofNullable(hold),
        WINDOW);
  }
}
