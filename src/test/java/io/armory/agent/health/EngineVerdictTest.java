package io.armory.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.ContainerHealth.Verdict;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.State;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineVerdictTest {
  @Test
  void one_without_a_check_is_healthy_as_long_as_it_runs() {
    var verdict = EngineVerdict.of(with(EngineHealth.NONE));
    assertThat(verdict.verdict()).isEqualTo(Verdict.HEALTHY);
    assertThat(verdict.since()).isEqualTo(Instant.parse("2026-01-01T11:59:10Z"));
  }

  @Test
  void otherwise_the_engines_word_counts() {
    assertThat(EngineVerdict.of(with(EngineHealth.STARTING)).verdict()).isEqualTo(Verdict.STARTING);
    assertThat(EngineVerdict.of(with(EngineHealth.HEALTHY)).verdict()).isEqualTo(Verdict.HEALTHY);
    assertThat(EngineVerdict.of(with(EngineHealth.UNHEALTHY)).verdict())
        .isEqualTo(Verdict.UNHEALTHY);
  }

  @Test
  void one_of_which_no_start_is_known_has_no_made_up_since() {
    var never = ServiceJudgeTest.sample("a", State.CREATED, 0, false, null);
    assertThat(EngineVerdict.of(never).since()).isEqualTo(Instant.EPOCH);
  }

  private static Container with(EngineHealth health) {
    var c = ServiceJudgeTest.sample("a", State.RUNNING, 0, false, null);
    return new Container(
        c.id(),
        c.name(),
        c.service(),
        c.number(),
        c.configHash(),
        c.definitionHash(),
        c.imageId(),
        c.state(),
        c.exitCode(),
        c.oomKilled(),
        c.error(),
        c.createdAt(),
        c.startedAt(),
        c.finishedAt(),
        health,
        c.restartPolicy(),
        c.networkMode(),
        c.namespaces(),
        c.networks(),
        c.labels(),
        Map.of());
  }
}
