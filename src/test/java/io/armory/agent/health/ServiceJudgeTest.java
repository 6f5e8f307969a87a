package io.armory.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.ContainerHealth;
import io.armory.agent.domain.ContainerHealth.Verdict;
import io.armory.agent.domain.Death;
import io.armory.agent.domain.Intents.Stopped;
import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.NetworkMode;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.health.ServiceJudge.Judgement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServiceJudgeTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private final SampleService service = new SampleService("orca", "orca:1");
  private final List<Container> containers = new ArrayList<>();
  private final Map<String, ContainerHealth> health = new HashMap<>();
  private final Map<String, Death> deaths = new HashMap<>();
  private Optional<Stopped> stopped = Optional.empty();
  private Optional<Plan.Wait> waits = Optional.empty();
  private boolean oneShot;

  @Test
  void a_service_without_a_container_is_starting_and_says_what_it_waits_for() {
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.STARTING, "not started yet"));
    waits = Optional.of(new Plan.Wait("gate", "waits for redis to be healthy"));
    container("a", State.CREATED);
    assertThat(judge())
        .isEqualTo(new Judgement(ServiceReport.State.STARTING, "waits for redis to be healthy"));
  }

  @Test
  void one_whose_container_is_gone_is_down_while_its_repair_is_put_off() {
    var reason = "its container was removed by hand; create container orca in 40 s";
    waits = Optional.of(new Plan.Wait("orca", reason, Optional.empty(), true));
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.DOWN, reason));
    // What cannot be made at all has not been there: that it is tried again is its start.
    waits = Optional.of(new Plan.Wait("orca", reason, Optional.of("manifest unknown"), true));
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.STARTING, reason));
  }

  @Test
  void a_running_one_is_starting_until_it_is_healthy() {
    container("a", State.RUNNING);
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.STARTING, "just started"));
    verdict("a", Verdict.STARTING, "connection refused");
    assertThat(judge())
        .isEqualTo(new Judgement(ServiceReport.State.STARTING, "connection refused"));
    verdict("a", Verdict.HEALTHY, "200");
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.UP, "healthy"));
  }

  @Test
  void an_unhealthy_one_is_down_with_its_reason() {
    container("a", State.RUNNING);
    verdict("a", Verdict.UNHEALTHY, "no answer in 5 s, 3 times in a row");
    assertThat(judge())
        .isEqualTo(new Judgement(ServiceReport.State.DOWN, "no answer in 5 s, 3 times in a row"));
  }

  @Test
  void some_of_the_replicas_healthy_is_degraded() {
    service.replicas(3);
    container("a", State.RUNNING);
    container("b", State.RUNNING);
    container("c", State.EXITED);
    verdict("a", Verdict.HEALTHY, "200");
    verdict("b", Verdict.UNHEALTHY, "answers 503");
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.DEGRADED, "1 of 3 healthy"));
  }

  @Test
  void all_of_the_replicas_healthy_is_up() {
    service.replicas(2);
    container("a", State.RUNNING);
    container("b", State.RUNNING);
    verdict("a", Verdict.HEALTHY, "200");
    verdict("b", Verdict.HEALTHY, "200");
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.UP, "2 of 2 healthy"));
  }

  @Test
  void one_that_ended_is_down_and_says_how() {
    ended("a", 1, false, NOW);
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.DOWN, "exited with code 1"));
    deaths.put("a", new Death("was killed by hand (signal 9)", Death.By.HAND));
    assertThat(judge())
        .isEqualTo(new Judgement(ServiceReport.State.DOWN, "was killed by hand (signal 9)"));
  }

  @Test
  void one_that_the_agent_ended_has_not_failed_and_the_other_that_ended_has() {
    ended("a", 143, false, NOW);
    deaths.put("a", new Death("was stopped by ann", Death.By.AGENT));
    assertThat(judge())
        .isEqualTo(new Judgement(ServiceReport.State.STARTING, "was stopped by ann"));
    ended("b", 1, false, NOW.minusSeconds(9));
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.DOWN, "exited with code 1"));
  }

  @Test
  void one_the_kernel_killed_is_said_to_be_out_of_memory() {
    ended("a", 137, true, NOW);
    assertThat(judge().state()).isEqualTo(ServiceReport.State.DOWN);
    assertThat(judge().reason()).startsWith("killed by the kernel: out of memory (it ");
  }

  @Test
  void of_several_that_ended_the_last_one_counts() {
    ended("a", 1, false, NOW);
    ended("b", 2, false, NOW.plusMillis(500));
    ended("c", 3, false, null);
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.DOWN, "exited with code 2"));
  }

  @Test
  void a_paused_one_is_down_however_it_once_died() {
    container("a", State.PAUSED);
    deaths.put("a", new Death("was killed by hand (signal 9)", Death.By.HAND));
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.DOWN, "paused"));
  }

  @Test
  void a_task_that_ended_well_is_completed_and_a_server_that_did_is_down() {
    ended("a", 0, false, NOW);
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.DOWN, "exited with code 0"));
    oneShot = true;
    assertThat(judge())
        .isEqualTo(new Judgement(ServiceReport.State.COMPLETED, "completed with exit code 0"));
  }

  @Test
  void a_task_that_failed_is_down() {
    oneShot = true;
    ended("a", 3, false, NOW);
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.DOWN, "exited with code 3"));
  }

  @Test
  void what_an_operator_stopped_says_by_whom_and_whether_it_still_runs() {
    stopped = Optional.of(new Stopped("alice", NOW));
    container("a", State.RUNNING);
    verdict("a", Verdict.HEALTHY, "200");
    assertThat(judge())
        .isEqualTo(new Judgement(ServiceReport.State.STOPPED, "being stopped by alice"));
    containers.clear();
    assertThat(judge()).isEqualTo(new Judgement(ServiceReport.State.STOPPED, "stopped by alice"));
  }

  @Test
  void scaled_to_nothing_is_as_it_should_be() {
    service.replicas(0);
    assertThat(judge().state()).isEqualTo(ServiceReport.State.UP);
  }

  @Test
  void a_verdict_on_what_does_not_run_any_more_does_not_count() {
    container("a", State.EXITED);
    verdict("a", Verdict.HEALTHY, "200");
    assertThat(judge().state()).isEqualTo(ServiceReport.State.DOWN);
  }

  private Judgement judge() {
    return ServiceJudge.judge(
        new ServiceFacts(
            service.build(),
            containers,
            health,
            stopped,
            Optional.empty(),
            oneShot,
            waits,
            deaths,
            Set.of(),
            Map.of()));
  }

  private void verdict(String id, Verdict verdict, String reason) {
    health.put(id, new ContainerHealth(verdict, reason, NOW, true));
  }

  private void container(String id, State state) {
    containers.add(sample(id, state, 0, false, null));
  }

  private void ended(String id, int exitCode, boolean oom, @Nullable Instant at) {
    containers.add(sample(id, State.EXITED, exitCode, oom, at));
  }

  static Container sample(
      String id, State state, int exitCode, boolean oom, @Nullable Instant finished) {
    return new Container(
        id,
        "p-orca-1",
        "orca",
        1,
        Optional.empty(),
        Optional.of("1"),
        "image",
        state,
        exitCode,
        oom,
        null,
        NOW.minusSeconds(60),
        state == State.CREATED ? null : NOW.minusSeconds(50),
        finished,
        EngineHealth.NONE,
        "no",
        new NetworkMode("p_default", Optional.empty()),
        java.util.Set.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }
}
